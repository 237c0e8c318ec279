"""Works that answers cite, for reading and for reference managers: plain text, BibTeX, RIS and CSL-JSON.

`names` takes the authors apart, `works` gathers the works and gives each a key, `formats` writes the files, `plain` writes an
answer with its numbered references. Nothing here knows of an index, a page or a server.
"""

from __future__ import annotations

from qa.references.formats import FORMATS, bibtex, csl_json, ris
from qa.references.names import Name, Names, split_names
from qa.references.plain import plain_answer, reference_line
from qa.references.works import Work, doi_address, doi_of, works_of

__all__ = [
    "FORMATS", "Name", "Names", "Work", "bibtex", "csl_json", "doi_address", "doi_of", "plain_answer", "reference_line", "ris",
    "split_names", "works_of",
]  # fmt: skip
