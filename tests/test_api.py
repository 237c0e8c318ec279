"""What programs get: Gradio's endpoints, plain HTTP and MCP, all of them the same, and not to be broken by what is sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from chat_fake import DOSE, NOTE, ROWS, TABLE, FakeAssistant, make_citation, make_span
from chat_server import ROOT, running

pytest.importorskip("gradio", reason="gradio is not installed")

import gradio_client
import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from qa.chat import Pending
from qa.chat.api import ASK, CLOSED, DOCUMENTS, OPERATIONS, RETRIEVE, RefusedError, checked, perform
from qa.chat.objects import AnswerObject, schema_of
from qa.chat.users import write_user
from qa.errors import IndexStateError
from qa.schema import Answer, Apart, Box, Hit

PATIENCE = 60.0
"""Seconds for each request, as those who run tests have other work to do."""

post = partial(httpx.post, timeout=PATIENCE)
get = partial(httpx.get, timeout=PATIENCE)

PASSWORD = "correct horse Café"
SECRET = "root:"
"""What /etc/passwd holds."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(mcp=True) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> gradio_client.Client:
    """With its defaults, which is to fetch what it takes for files."""
    return gradio_client.Client(address, verbose=False)


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "elapsed_ms": 0}


def assert_described(schema: dict[str, Any], value: Any) -> None:
    """The schema names exactly the keys that objects have, at every depth."""
    for option in schema.get("anyOf", ()):
        if (option.get("type") == "null") == (value is None):
            schema = option
    if schema.get("type") == "object":
        assert set(schema["properties"]) == set(value)
        for key, inner in value.items():
            assert_described(schema["properties"][key], inner)
    elif schema.get("type") == "array":
        for inner in value:
            assert_described(schema["items"], inner)


# What is done


@dataclass
class Recording(FakeAssistant):
    """Keeps what it was asked with."""

    calls: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, question: str, **options: Any) -> Answer:
        self.calls.append(options)
        return super().ask(question, **options)

    def retrieve(self, question: str, k: int = 5, **options: Any) -> list[Hit]:
        self.calls.append({"k": k, **options})
        return super().retrieve(question, k, **options)


def test_all_parameters_reach_the_assistant() -> None:
    assistant = Recording()
    within = {"documents": [TABLE.doc_id], "collection": "Tables"}
    perform(assistant, ASK, {"question": "EUA dose", "history": ["a", "b"], "force": True, "k": 3, **within})
    perform(assistant, RETRIEVE, {"question": "EUA dose", "k": 2, **within})
    perform(assistant, ASK, {"question": "EUA dose"})
    assert assistant.calls == [
        {"history": ["a", "b"], "force": True, "k": 3, **within},
        {"k": 2, **within},
        {"history": (), "force": False, "k": 10, "documents": None, "collection": None},
    ]


def test_answer_is_that_of_the_assistant() -> None:
    result = perform(FakeAssistant(), ASK, {"question": "EUA dose"})
    assert timeless(result) == timeless(FakeAssistant().ask("EUA dose").to_json())


def test_schemas_describe_what_is_given() -> None:
    fake = FakeAssistant()
    span = make_span(TABLE, ROWS[1], "10 mg twice daily")
    citation = make_citation(NOTE, make_span(NOTE, DOSE, "4 mg"), 1)
    cited = replace(citation, also=(citation,), boxes=(Box(1, 0.0, 0.0, 9.0, 9.0),))
    hit = fake.retrieve("anything", 1)[0]
    full = replace(
        fake.ask("dose of ruxolitnib"),
        citations=(cited,),
        others=(span,),
        apart=(Apart("10 mg", same=(span,)),),
        candidates=(span,),
        hits=(replace(hit, same=(hit.passage,)),),
    ).to_json()
    assert full["corrections"] and full["others"] and full["hits"][0]["same"] and full["citations"][0]["also"]
    schema = schema_of(AnswerObject)
    assert_described(schema, full)
    AnswerObject.model_validate(full)
    with pytest.raises(AssertionError):
        assert_described(schema, {**full, "more": 1})
    for operation, values in ((ASK, {"question": "x"}), (RETRIEVE, {"question": "x"}), (DOCUMENTS, {})):
        result = perform(fake, operation, values)
        assert_described(schema_of(operation.gives), result)
        operation.gives.model_validate(result)
    assert "$ref" not in json.dumps([schema_of(operation.gives) for operation in OPERATIONS.values()])


def test_documents_are_listed_without_their_place_on_the_server() -> None:
    result = perform(FakeAssistant(), DOCUMENTS, {})
    first = result["documents"][0]
    assert (first["doc_id"], first["year"], first["format"], first["pages"]) == (NOTE.doc_id, "2021", "md", None)
    assert first["title"] == "Baricitinib: doses and duration" and first["passages"] == len(NOTE.blocks)
    assert result["collections"] == [{"name": "Tables", "documents": 1}]
    assert "/nowhere" not in json.dumps(result)


@pytest.mark.parametrize(
    ("operation", "values", "status", "words"),
    [
        (ASK, {}, 400, "question: is missing"),
        (ASK, {"question": " "}, 400, "empty"),
        (ASK, {"question": "a" * 1001}, 400, "1001 characters"),
        (ASK, {"question": "?!"}, 400, "no words"),
        (ASK, {"question": 5}, 400, "question: input should be a valid string"),
        (ASK, {"question": "x", "k": 0}, 400, "k: input should be greater than or equal to 1"),
        (RETRIEVE, {"question": "x", "k": 101}, 400, "k: input should be less than or equal to 100"),
        (ASK, {"question": "x", "k": True}, 400, "k: input should be a valid integer"),
        (ASK, {"question": "x", "k": "5"}, 400, "k: input should be a valid integer"),
        (ASK, {"question": "x", "force": "yes"}, 400, "force: input should be a valid boolean"),
        (ASK, {"question": "x", "history": "EUA dose"}, 400, "history: input should be a valid list"),
        (ASK, {"question": "x", "history": [1]}, 400, "history.0: input should be a valid string"),
        (ASK, {"question": "x", "history": ["EUA dose", " "]}, 400, "history.1: the question is empty"),
        (ASK, {"question": "x", "documents": "a"}, 400, "documents: input should be a valid list"),
        (ASK, {"question": "x", "documents": ["y"] * 100_000}, 400, "documents: list should have at most"),
        (ASK, {"question": "x", "documents": ["nope"]}, 404, "no document 'nope'"),
        (ASK, {"question": "x", "collection": "nope"}, 404, "no collection 'nope': there are 'Tables'"),
        (RETRIEVE, {"question": "x", "documents": ["../../etc/passwd"]}, 404, "no document"),
        (DOCUMENTS, {"question": "x"}, 400, "question: is not known here"),
        (ASK, ["x"], 400, "should be a JSON object"),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(operation: Any, values: Any, status: int, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        perform(FakeAssistant(), operation, values)
    assert refused.value.status == status
    assert words in str(refused.value) and len(str(refused.value)) < 300


def test_no_folder_of_the_server_is_told(caplog: pytest.LogCaptureFixture) -> None:
    pending = Pending()
    pending.fail(IndexStateError("no index in /srv/secret/index"))
    with pytest.raises(RefusedError, match=CLOSED) as refused:
        perform(pending, DOCUMENTS, {})
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE

    class Damaged(FakeAssistant):
        def ask(self, question: str, **options: Any) -> Answer:
            raise IndexStateError("damaged: /srv/secret/index")

    with caplog.at_level(logging.WARNING), pytest.raises(RefusedError, match=CLOSED):
        perform(Damaged(), ASK, {"question": "x"})
    assert "/srv/secret" in caplog.text


def test_checks_need_no_documents() -> None:
    with pytest.raises(RefusedError):
        checked(ASK, {"question": ""})


# By gradio_client


def test_client_gets_the_same_object_with_its_defaults(client: gradio_client.Client, address: str) -> None:
    answer = client.predict("EUA dose", api_name="/ask")
    assert answer["citations"][0]["source"]["path"] == NOTE.source.path
    assert timeless(answer) == timeless(FakeAssistant().ask("EUA dose").to_json())
    assert timeless(post(f"{address}/api/ask", json={"question": "EUA dose"}).json()) == timeless(answer)
    follow_up = client.predict("and rux?", history=["EUA dose"], api_name="/ask")
    assert follow_up["question"] == "and rux?" and follow_up["query"] == "EUA dose rux?"
    hits = client.predict("side effects", k=2, api_name="/retrieve")["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert next(d["doc_id"] for d in client.predict(api_name="/documents")["documents"]) == NOTE.doc_id


def test_client_sees_what_endpoints_take_and_give(client: gradio_client.Client) -> None:
    info = client.view_api(return_format="dict")
    endpoints = info["named_endpoints"]
    assert list(endpoints) == ["/ask", "/retrieve", "/documents"] and not info["unnamed_endpoints"]
    ask = {parameter["parameter_name"]: parameter for parameter in endpoints["/ask"]["parameters"]}
    assert list(ask) == ["question", "history", "documents", "collection", "force", "k"]
    assert all(parameter["python_type"]["description"] for parameter in ask.values())
    assert ask["history"]["python_type"]["type"] == "list[str]" and ask["k"]["parameter_default"] == 10
    (result,) = endpoints["/ask"]["returns"]
    assert "short: str" in result["python_type"]["type"]
    assert "words that stand in the documents" in endpoints["/ask"]["description"]


@pytest.mark.parametrize(
    ("values", "title", "words"),
    [
        ({"question": " "}, "Bad Request", "empty"),
        ({"question": "x" * 2000}, "Bad Request", "2000 characters"),
        ({"question": "EUA", "k": 0}, "Bad Request", "k: "),
        ({"question": "EUA", "documents": ["nope"]}, "Not Found", "no document 'nope'"),
        ({"question": "please break"}, "Internal Server Error", "Something went wrong"),
    ],
)
def test_client_is_told_what_is_wrong(
    client: gradio_client.Client, values: dict[str, Any], title: str, words: str
) -> None:
    with pytest.raises(gradio_client.exceptions.AppError, match=words) as told:
        client.predict(api_name="/ask", **values)
    assert told.value.title == title
    assert "Traceback" not in str(told.value) and "broken on purpose" not in str(told.value)


# By plain HTTP


def test_plain_http(address: str) -> None:
    answer = post(f"{address}/api/ask", json={"question": "EUA dose", "k": 3})
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["short"].startswith("4 mg")
    assert len(post(f"{address}/api/retrieve", json={"question": "EUA", "k": 2}).json()["hits"]) == 2
    assert len(get(f"{address}/api/documents").json()["documents"]) == 3
    described = get(f"{address}/api/openapi.json").json()
    assert list(described["paths"]) == ["/ask", "/retrieve", "/documents"]
    body = described["paths"]["/ask"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert next(iter(body["properties"])) == "question" and body["required"] == ["question"]


def test_plain_http_has_no_other_ways(address: str) -> None:
    assert get(f"{address}/api/ask").status_code == 405
    nothing = post(f"{address}/api/nope", json={})
    assert nothing.status_code == 404 and "POST /api/ask" in nothing.json()["detail"]
    form = post(f"{address}/api/ask", data={"question": "EUA dose"})
    assert form.status_code == 415 and "Content-Type: application/json" in form.json()["detail"]
    foreign = post(f"{address}/api/ask", json={"question": "EUA dose"}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403


def test_two_steps(address: str) -> None:
    for path, body in (
        ("call/ask", {"data": ["EUA dose"]}),
        ("call/ask", {"data": ["EUA dose", None, None, None, False, 2]}),
        ("call/v2/ask", {"question": "EUA dose", "k": 2}),
        ("call/v2/ask/", {"question": "EUA dose"}),
    ):
        event = post(f"{address}/gradio_api/{path}", json=body).json()["event_id"]
        told = get(f"{address}/gradio_api/call/ask/{event}").text
        assert told.startswith("event: complete\ndata: [{") and "4 mg of baricitinib" in told
    for path, body, status in (
        ("call/ask", {"data": []}, 400),
        ("call/ask/", {"data": []}, 400),
        ("call/ask", {"data": [1] * 9}, 400),
        ("call/ask", {}, 400),
        ("call/v2/ask", {}, 400),
        ("call/v2/ask", {"question": "EUA", "nope": 1}, 400),
        ("call/nope", {"data": []}, 404),
        ("call/v2/nope/", {}, 404),
        ("call/example", {"data": []}, 404),
    ):
        refused = post(f"{address}/gradio_api/{path}", json=body)
        assert refused.status_code == status and refused.json()["detail"], (path, body)


def test_nothing_goes_past_the_queue(address: str) -> None:
    for path in ("run/ask", "api/ask", "run/documents"):
        assert post(f"{address}/gradio_api/{path}", json={"data": ["EUA dose"]}).status_code == 404


def test_settings_are_changed_for_gradio_client_alone(address: str) -> None:
    browser = get(f"{address}/config").json()
    program = get(f"{address}/config", headers={"user-agent": "gradio_client/2.7"}).json()
    assert (browser["protocol"], program["protocol"]) == ("sse_v3", "sse_v2.1")
    assert {**browser, "protocol": ""} == {**program, "protocol": ""} and browser["root"] == address


# What nobody should send

FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
HOSTILE: dict[str, bytes | dict[str, Any]] = {
    "a megabyte": {"question": "a" * 1_000_000},
    "two megabytes": {"question": "a" * 2_000_000},
    "nesting that no parser takes": b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nesting that a parser takes": b'{"question": ' + b"[" * 900 + b"]" * 900 + b"}",
    "half a surrogate pair": b'{"question": "EUA \\ud800 dose"}',
    "half a surrogate pair as id": b'{"question": "EUA dose", "documents": ["\\ud800"]}',
    "half a surrogate pair in the history": b'{"question": "EUA dose", "history": ["\\udfff"]}',
    "half a surrogate pair as name": b'{"question": "EUA dose", "\\ud800": 1}',
    "broken UTF-8": b'{"question": "\xff\xfe"}',
    "a file": {"question": FILE},
    "a file in a list": {"question": "EUA dose", "documents": [FILE]},
    "a file in the history": {"question": "EUA dose", "history": [FILE]},
    "a file as collection": {"question": "EUA dose", "collection": FILE},
    "a file without its mark": {"question": {"path": "/etc/passwd"}},
    "an address": {"question": {"url": "http://127.0.0.1:1/", "path": "http://127.0.0.1:1/", "meta": FILE["meta"]}},
    "many documents": {"question": "EUA dose", "documents": ["x"] * 100_000},
    "a number that is none": b'{"question": NaN}',
    "a large number": b'{"question": "EUA dose", "k": ' + b"9" * 4000 + b"}",
    "a huge number": b'{"question": "EUA dose", "k": 1e999}',
    "null": b"null",
    "nothing": b"",
    "no JSON": b"{",
    "a list": b'["EUA dose"]',
    "wrong types": {"question": ["EUA dose"], "k": {}, "force": [], "history": {}, "documents": 1, "collection": []},
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["api/ask", "gradio_api/call/v2/ask", "gradio_api/call/v2/ask/"])
def test_hostile_requests_are_refused_in_words(address: str, path: str, name: str) -> None:
    body = HOSTILE[name]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    refused = post(f"{address}/{path}", content=content, headers={"content-type": "application/json"})
    assert refused.status_code in (400, 404, 413), refused.text[:300]
    assert 0 < len(refused.json()["detail"]) < 400
    assert SECRET not in refused.text and "Traceback" not in refused.text and str(ROOT) not in refused.text


def test_no_more_is_read_than_a_request_may_have(address: str) -> None:
    """Of a body whose length is not told either."""
    chunks = (b" " * 65536 for _ in range(200))
    headers = {"content-type": "application/json"}
    for content in (b" " * 2_000_000, chunks):
        refused = post(f"{address}/api/ask", content=content, headers=headers)
        assert refused.status_code == 413 and "bytes at most" in refused.json()["detail"]


@pytest.mark.parametrize("name", [name for name, body in HOSTILE.items() if isinstance(body, dict)])
def test_hostile_values_in_gradios_own_form(address: str, name: str) -> None:
    """As the page and gradio_client send it, past our routes."""
    body = HOSTILE[name]
    assert isinstance(body, dict)
    (index,) = [number for number, endpoint in endpoints(address).items() if endpoint == "ask"]
    names = ["question", "history", "documents", "collection", "force", "k"]
    data = [body.get(name, False if name == "force" else 10 if name == "k" else None) for name in names]
    sent = {"data": data, "fn_index": index, "session_hash": f"h{abs(hash(name))}"}
    joined = post(f"{address}/gradio_api/queue/join", json=sent)
    if joined.status_code != 200:
        assert joined.status_code < 500 and SECRET not in joined.text
        return
    with httpx.stream(
        "GET", f"{address}/gradio_api/queue/data", params={"session_hash": sent["session_hash"]}, timeout=PATIENCE
    ) as stream:
        told = next(line for line in stream.iter_lines() if "process_completed" in line)
    result = json.loads(told.removeprefix("data: "))
    assert not result["success"] and 0 < len(result["output"]["error"]) < 400
    assert SECRET not in told and "Traceback" not in told


def endpoints(address: str) -> dict[int, str]:
    """The numbers of the named endpoints."""
    config = get(f"{address}/config").json()
    return {dependency["id"]: dependency["api_name"] for dependency in config["dependencies"]}


def test_null_bytes_and_markup_are_data(address: str) -> None:
    for question in ("EUA \0 dose", "EUA <script>alert(1)</script> dose", "EUA dose'; DROP TABLE documents; --"):
        answer = post(f"{address}/api/ask", json={"question": question})
        assert answer.status_code == 200 and answer.json()["question"] == question
        assert answer.headers["content-type"] == "application/json"


# The one queue


def test_programs_wait_in_the_queue_of_the_chat() -> None:
    """With one at work and one that waits, further calls are refused whatever way they come, and told when to try again."""
    with running(slow=0.5, queue=1, concurrency=1, mcp=True) as address, ThreadPoolExecutor(6) as pool:

        def ask(_: int) -> httpx.Response:
            return post(f"{address}/api/ask", json={"question": "EUA dose"})

        responses = list(pool.map(ask, range(6)))
        statuses = [response.status_code for response in responses]
        assert set(statuses) == {200, 503} and 1 <= statuses.count(200) <= 3
        refused = next(response for response in responses if response.status_code == 503)
        assert refused.headers["retry-after"] and "try again" in refused.json()["detail"]

        async def call(session: ClientSession) -> list[CallToolResult]:
            return await asyncio.gather(*(session.call_tool("ask", {"question": "EUA dose"}) for _ in range(6)))

        results = with_session(address, call)
        told = [result.content[0].text for result in results if result.isError]  # type: ignore[union-attr]
        assert told and all("try again" in text for text in told) and len(told) < 6
        assert ask(0).status_code == 200


def test_programs_log_in(tmp_path: Path) -> None:
    """The guards stand before every way in, and who passes them is let in by Gradio behind them."""
    users = tmp_path / "users"
    write_user(users, "anna", PASSWORD)
    with running(auth=str(users), mcp=True) as address:
        for path in ("api/ask", "gradio_api/call/ask", "mcp", "api/documents", "api/openapi.json", "config"):
            assert post(f"{address}/{path}", json={"question": "EUA dose"}).status_code == 401
        who = ("anna", PASSWORD)
        answer = post(f"{address}/api/ask", json={"question": "EUA dose"}, auth=who)
        assert answer.status_code == 200 and answer.json()["answered"]
        client = gradio_client.Client(address, auth=who, verbose=False)
        assert timeless(client.predict("EUA dose", api_name="/ask")) == timeless(answer.json())

        async def use(session: ClientSession) -> CallToolResult:
            return await session.call_tool("ask", {"question": "EUA dose"})

        assert timeless(with_session(address, use, auth=who).structuredContent) == timeless(answer.json())


# Over MCP


def with_session(address: str, use: Callable[[ClientSession], Awaitable[Any]], **options: Any) -> Any:
    """What `use` makes of a session of the official client."""

    async def run() -> Any:
        async with (
            httpx.AsyncClient(timeout=PATIENCE, **options) as http,
            streamable_http_client(f"{address}/mcp", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return asyncio.run(run())


def test_mcp_tools(address: str) -> None:
    async def use(session: ClientSession) -> tuple[Any, ...]:
        tools = (await session.list_tools()).tools
        calls = [
            await session.call_tool("ask", {"question": "EUA dose"}),
            await session.call_tool("retrieve", {"question": "EUA dose", "k": 2}),
            await session.call_tool("documents", {}),
        ]
        return tools, *calls

    tools, answer, passages, documents = with_session(address, use)
    assert [tool.name for tool in tools] == ["ask", "retrieve", "documents"]
    for tool in tools:
        assert len(tool.description) > 40 and tool.annotations.readOnlyHint and tool.outputSchema["properties"]
        assert all(parameter["description"] for parameter in tool.inputSchema.get("properties", {}).values())
    plain = post(f"{address}/api/ask", json={"question": "EUA dose"}).json()
    assert timeless(answer.structuredContent) == timeless(plain)
    assert timeless(json.loads(answer.content[0].text)) == timeless(plain)
    assert len(passages.structuredContent["hits"]) == 2
    assert documents.structuredContent == get(f"{address}/api/documents").json()


def test_mcp_tells_what_is_wrong(address: str) -> None:
    cases = [
        ("ask", {}, "question: is missing"),
        ("ask", {"question": " "}, "empty"),
        ("ask", {"question": "a" * 1_000_000}, "1000000 characters"),
        ("ask", {"question": FILE}, "question: input should be a valid string"),
        ("ask", {"question": "EUA dose", "documents": ["nope"]}, "no document 'nope'"),
        ("retrieve", {"question": "EUA dose", "k": 0}, "k: input should be greater than or equal to 1"),
        ("ask", {"question": "please break"}, "Something went wrong"),
        ("cite", {}, "no such tool"),
    ]

    async def use(session: ClientSession) -> list[CallToolResult]:
        return [await session.call_tool(name, arguments) for name, arguments, _ in cases]

    for result, (_, _, words) in zip(with_session(address, use), cases, strict=True):
        text = result.content[0].text
        assert result.isError and words in text and len(text) < 400 and SECRET not in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"jsonrpc": "2.0", "id": "\\ud800"}',
        b"\xff\xfe",
        b" " * 9_000_000,
    ],
    ids=["nothing", "no JSON", "null", "nesting", "half a surrogate pair", "broken UTF-8", "nine megabytes"],
)
def test_mcp_refuses_what_is_no_message(address: str, content: bytes) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    refused = post(f"{address}/mcp", content=content, headers=headers)
    assert refused.status_code in (400, 413)
    assert "Traceback" not in refused.text and str(ROOT) not in refused.text


def test_mcp_is_not_for_other_sites(address: str) -> None:
    sent = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accepted = {"accept": "application/json, text/event-stream"}
    assert post(f"{address}/mcp", json=sent, headers=accepted).status_code == 200
    for headers in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
        assert post(f"{address}/mcp", json=sent, headers={**accepted, **headers}).status_code == 403


def test_mcp_is_off_unless_asked_for() -> None:
    with running() as address:
        assert post(f"{address}/mcp", json={}).status_code in (404, 405)
        assert post(f"{address}/gradio_api/mcp", json={}).status_code in (404, 405)
