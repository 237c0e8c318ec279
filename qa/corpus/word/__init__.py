"""Word files (DOCX) to documents: `reader` is the way in."""
