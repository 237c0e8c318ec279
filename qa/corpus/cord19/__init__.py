"""CORD-19 JSON to documents: `reader` is the way in."""
