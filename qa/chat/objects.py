"""What programs hand in and get back, as types: the schemas of the HTTP and MCP interfaces are made of these.

Results are plain dicts made by `qa.schema` and `qa.chat.api`; the models here only describe them, and a test holds the two
together.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa.query import MAX_QUESTION

MAX_HISTORY = 50
MAX_DOCUMENTS = 10_000
MAX_HITS = 100
MAX_ID = 1000

Text = Annotated[str, Field(max_length=MAX_ID)]
QUESTION = "A question in English, 1000 characters at most."
WITHIN = "Only look in the documents with these ids; all documents where it is left out."
_MESSAGES = {"extra_forbidden": "is not known here", "missing": "is missing", "model_type": "should be a JSON object"}
COLLECTION = "Only look in the documents of the collection of this name."


class Request(BaseModel):
    """What can be asked for: types are taken as they are, and names that are not known are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class AskRequest(Request):
    """A question, and what it is put to."""

    question: str = Field(description=QUESTION)
    history: list[Annotated[str, Field(max_length=MAX_QUESTION)]] | None = Field(
        None,
        max_length=MAX_HISTORY,
        description="The earlier questions of the conversation, oldest first, so that a follow-up is understood.",
    )
    documents: list[Text] | None = Field(None, max_length=MAX_DOCUMENTS, description=WITHIN)
    collection: Text | None = Field(None, description=COLLECTION)
    force: bool = Field(False, description="Give the best guess even where the documents do not seem to answer.")
    k: int = Field(10, ge=1, le=MAX_HITS, description="How many passages to give as `hits`.")


class RetrieveRequest(Request):
    """A question, and how many passages are wanted."""

    question: str = Field(description=QUESTION)
    k: int = Field(5, ge=1, le=MAX_HITS, description="How many passages to give.")
    documents: list[Text] | None = Field(None, max_length=MAX_DOCUMENTS, description=WITHIN)
    collection: Text | None = Field(None, description=COLLECTION)


class DocumentsRequest(Request):
    """Nothing: all documents are listed."""


class SourceObject(BaseModel):
    """What a reference to a document needs; what is not known is empty."""

    path: str = Field(description="Name of the file within its folder.")
    title: str
    authors: str
    year: str
    container: str = Field(description="Journal or book.")
    doi: str
    url: str
    licence: str
    section: str
    as_of: str
    note: str = Field(description="Title of the document itself where `title` is that of the work it restates.")


class BoxObject(BaseModel):
    """A rectangle on a page of a PDF, in points from the upper left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class QuoteObject(BaseModel):
    """Where a quote stands. `start` and `end` count code points of the document's text."""

    number: int
    doc_id: str
    title: str
    section: list[str]
    page: int | None
    line: int | None
    boxes: list[BoxObject]
    quote: str
    start: int
    end: int
    source: SourceObject


class AlsoObject(QuoteObject):
    """The same quote in another document."""

    also: list[str] = Field(max_length=0, description="Always empty.")


class CitationObject(QuoteObject):
    """A numbered quote of the answer."""

    also: list[AlsoObject] = Field(description="The same quote in other documents.")


class SpanObject(BaseModel):
    """Words of a document, and the quote that they stand in."""

    text: str
    doc_id: str
    start: int
    end: int
    score: float
    quote: str
    section: list[str]


class ApartObject(BaseModel):
    """What sets the place of another value apart from that of the answer."""

    section: list[str]
    row: list[str]
    dates: list[str]
    population: str


class OtherObject(SpanObject):
    """Another value that the documents give for the same question."""

    value: str
    apart: ApartObject
    contradicts: bool
    same: list[SpanObject]


class PlaceObject(BaseModel):
    """Another place of the same words."""

    passage_id: str
    doc_id: str
    page: int | None
    line: int | None


class HitObject(BaseModel):
    """A passage that fits the question; a larger score is better, ranks count from 1."""

    passage_id: str
    doc_id: str
    section: list[str]
    page: int | None
    line: int | None
    start: int
    end: int
    text: str
    score: float
    rank: int
    same: list[PlaceObject]


class CorrectionObject(BaseModel):
    """A word of the question that was taken for another."""

    word: str
    replacement: str


class AnswerObject(BaseModel):
    """An answer in words that stand in the documents, or, where `answered` is false, what comes nearest to one."""

    question: str
    query: str = Field(description="The question as it was understood.")
    answered: bool = Field(description="Whether the documents answer the question.")
    short: str = Field(description="The words that answer; those of a list are joined by '; '.")
    text: str = Field(description="The quotes that the words stand in, 80 words at most.")
    confidence: float = Field(description="How likely the answer is right, from 0 to 1.")
    spans: list[SpanObject] = Field(description="The words that answer, each with its place.")
    citations: list[CitationObject] = Field(description="One for each span, in the same order.")
    others: list[OtherObject] = Field(description="Other values for the same question.")
    candidates: list[SpanObject] = Field(description="The best guesses, where there is no answer.")
    hits: list[HitObject] = Field(description="The passages that fit best.")
    corrections: list[CorrectionObject]
    elapsed_ms: float


class PassagesObject(BaseModel):
    """The passages that fit a question, best first."""

    question: str
    query: str = Field(description="The question as it was understood.")
    hits: list[HitObject]


class DocumentObject(BaseModel):
    """A document that is searched; what is not known is empty."""

    doc_id: str
    title: str
    authors: str
    year: str
    container: str = Field(description="Journal or book.")
    doi: str
    url: str
    licence: str
    collection: str = Field(description="Name of its collection; most documents have none.")
    format: str = Field(description="Ending of its file's name: md, pdf, docx …")
    pages: int | None = Field(description="Number of its pages, where it has pages.")
    passages: int = Field(description="Number of passages that can be found.")


class CollectionObject(BaseModel):
    """A collection that a question can be put to."""

    name: str
    documents: int


class DocumentsObject(BaseModel):
    """All that is searched."""

    documents: list[DocumentObject]
    collections: list[CollectionObject]


class ProblemObject(BaseModel):
    """What is wrong, in words."""

    detail: str


def wrong(error: ValidationError) -> str:
    """What is wrong with a request in one line: names and rules, never the values, which may be long or secret."""
    problems = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False)[:3]:
        place = ".".join(str(part) for part in detail["loc"])[:60]
        message = _MESSAGES.get(detail["type"], detail["msg"][:1].lower() + detail["msg"][1:])
        problems.append(f"{place or 'the request'}: {message}")
    return "; ".join(problems)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of one of these types, without references, as not every reader of schemas follows them."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            named = parts[value["$ref"].rpartition("/")[2]] if "$ref" in value else {}
            return {key: whole(inner) for key, inner in {**named, **value}.items() if key != "$ref"}
        return [whole(inner) for inner in value] if isinstance(value, list) else value

    return dict(whole(schema))
