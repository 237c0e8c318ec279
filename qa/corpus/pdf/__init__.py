"""PDF to documents: `reader` is the way in."""
