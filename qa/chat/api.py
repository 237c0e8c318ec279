"""What programs can ask for: `ask`, `retrieve` and `documents`, as endpoints of Gradio.

Plain HTTP (`qa.chat.rest`) and MCP (`qa.chat.tools`) lead to these endpoints, so that every question of whatever way it comes
waits in the one queue of the server. `docs/api.md` shows them all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from qa.chat.answering import Answering, Assistants
from qa.chat.conversing import FAILED
from qa.chat.objects import (
    AnswerObject,
    AskRequest,
    DocumentsObject,
    DocumentsRequest,
    PassagesObject,
    Request,
    RetrieveRequest,
    schema_of,
    wrong,
)
from qa.errors import QuestionError, VerbatimError
from qa.query import check_question
from qa.schema import hit_json

if TYPE_CHECKING:
    from qa.index import StoredDocument

logger = logging.getLogger(__name__)

CLOSED = "the documents cannot be opened; the server's log says why"
"""What is told instead of the error itself, which names folders of the server."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that programs can ask for."""

    name: str
    description: str
    takes: type[Request]
    gives: type[BaseModel]


ASK = Operation(
    "ask",
    "Answer a question in words that stand in the documents, each with a citation of its place. Nothing is generated: where the "
    "documents do not answer, `answered` is false, and `candidates` and `hits` hold what comes nearest.",
    AskRequest,
    AnswerObject,
)
RETRIEVE = Operation(
    "retrieve",
    "Find the passages of the documents that fit a question best, best first, each with its place.",
    RetrieveRequest,
    PassagesObject,
)
DOCUMENTS = Operation(
    "documents",
    "List the documents that questions are put to, with title, authors, year and DOI, and the collections they are in.",
    DocumentsRequest,
    DocumentsObject,
)
OPERATIONS = {operation.name: operation for operation in (ASK, RETRIEVE, DOCUMENTS)}


class RefusedError(Exception):
    """A request that gets no result: an HTTP status and what is wrong, in words for whoever sent it."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        self.status = status
        super().__init__(message)


def checked(operation: Operation, values: Any) -> Request:
    """The request, as far as it can be checked without the documents; raises RefusedError."""
    try:
        request = operation.takes.model_validate(values)
        if isinstance(request, AskRequest | RetrieveRequest):
            check_question(request.question)
        if isinstance(request, AskRequest):
            _check_history(request.history or ())
    except ValidationError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, wrong(error)) from error
    except QuestionError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
    return request


def _check_history(history: Sequence[str]) -> None:
    for number, question in enumerate(history):
        try:
            check_question(question)
        except QuestionError as error:
            raise QuestionError(f"history.{number}: {error}") from error


def perform(assistants: Assistants, operation: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    """The result as a JSON object; raises RefusedError, and nothing else."""
    request = checked(operation, values)
    try:
        assistant = assistants.current()
    except VerbatimError as error:
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, CLOSED) from error
    try:
        if isinstance(request, AskRequest):
            return _ask(assistant, request)
        if isinstance(request, RetrieveRequest):
            return _retrieve(assistant, request)
        return documents_json(assistant)
    except QuestionError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
    except VerbatimError as error:
        logger.warning("no result for %s: %s", operation.name, error)
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, CLOSED) from error


def _ask(assistant: Answering, request: AskRequest) -> dict[str, Any]:
    _check_within(assistant, request)
    answer = assistant.ask(
        request.question,
        k=request.k,
        documents=request.documents,
        collection=request.collection,
        history=request.history or (),
        force=request.force,
    )
    return answer.to_json()


def _retrieve(assistant: Answering, request: RetrieveRequest) -> dict[str, Any]:
    _check_within(assistant, request)
    query = assistant.understand(request.question)
    hits = assistant.retrieve(request.question, request.k, documents=request.documents, collection=request.collection)
    return {"question": request.question, "query": query.text, "hits": [hit_json(hit) for hit in hits]}


def _check_within(assistant: Answering, request: AskRequest | RetrieveRequest) -> None:
    """Refuse documents and collections that are not there."""
    if request.documents:
        known = {stored.document.doc_id for stored in assistant.documents}
        unknown = next((doc_id for doc_id in request.documents if doc_id not in known), None)
        if unknown is not None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, f"no document {unknown[:100]!r}: `documents` lists those that there are"
            )
    if request.collection and request.collection not in assistant.collections:
        there = ", ".join(repr(name) for name in assistant.collections) or "none"
        raise RefusedError(HTTPStatus.NOT_FOUND, f"no collection {request.collection[:100]!r}: there are {there}")


def documents_json(assistant: Answering) -> dict[str, Any]:
    """The documents and collections; where a file lies on the server is left out."""
    counts = assistant.passage_counts
    return {
        "documents": [_document_json(stored, counts.get(stored.document.doc_id, 0)) for stored in assistant.documents],
        "collections": [{"name": name, "documents": len(ids)} for name, ids in assistant.collections.items()],
    }


def _document_json(stored: StoredDocument, passages: int) -> dict[str, Any]:
    source = stored.document.source
    return {
        "doc_id": stored.document.doc_id,
        "title": source.note or source.title,
        "authors": source.authors,
        "year": source.year,
        "container": source.container,
        "doi": source.doi,
        "url": source.url,
        "licence": source.licence,
        "collection": stored.collection,
        "format": PurePath(source.path).suffix.lstrip(".").lower(),
        "pages": len(stored.document.page_starts) or None,
        "passages": passages,
    }


def add_endpoints(assistants: Assistants) -> None:
    """Add the endpoints to the page that is being built; questions share the queue of the chat."""

    def run(operation: Operation, values: dict[str, Any]) -> dict[str, Any]:
        import gradio as gr

        try:
            return perform(assistants, operation, values)
        except RefusedError as refused:
            raise gr.Error(str(refused), title=refused.status.phrase, print_exception=False) from refused
        except Exception as error:
            logger.exception("no result for %s", operation.name)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            raise gr.Error(FAILED, title=status.phrase, print_exception=False) from error

    def ask(
        question: str,
        history: list[str] | None = None,
        documents: list[str] | None = None,
        collection: str | None = None,
        force: bool = False,
        k: int = 10,
    ) -> dict[str, Any]:
        values = {"question": question, "history": history, "documents": documents, "collection": collection}
        return run(ASK, {**values, "force": force, "k": k})

    def retrieve(
        question: str, k: int = 5, documents: list[str] | None = None, collection: str | None = None
    ) -> dict[str, Any]:
        return run(RETRIEVE, {"question": question, "k": k, "documents": documents, "collection": collection})

    def documents() -> dict[str, Any]:
        return run(DOCUMENTS, {})

    _endpoint(ASK, ask, "ask")
    _endpoint(RETRIEVE, retrieve, "ask")
    _endpoint(DOCUMENTS, documents, None)


def _endpoint(operation: Operation, run: Callable[..., dict[str, Any]], queue: str | None) -> None:
    """One endpoint; Gradio describes it by Python's types alone, so the schemas are put in afterwards."""
    from gradio.context import get_blocks_context
    from gradio.events import api

    made = api(run, api_name=operation.name, api_description=operation.description, concurrency_id=queue)
    page = get_blocks_context()
    assert page is not None
    endpoint: Any = page.fns[made["id"]]
    properties = schema_of(operation.takes).get("properties", {})
    for block, (name, schema) in zip(endpoint.inputs, properties.items(), strict=True):
        block.label = name
        # A default of None already says that it may be left out.
        (kind, *_) = schema.pop("anyOf", [{}])
        block._api_info = {**schema, **kind, "additional_description": schema["description"]}
    (result,) = endpoint.outputs
    result.label = operation.gives.__name__
    result._api_info = schema_of(operation.gives)
