"""HTML and JATS XML to documents: `webpage` and `jats` are the ways in."""
