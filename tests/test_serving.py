"""Serving: who may come in, what is refused and how that is told, how the server starts and ends."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from chat_fake import FakeAssistant
from chat_server import ROOT, free_port, running

pytest.importorskip("gradio", reason="gradio is not installed")

import httpx

from qa.chat import Pending, ServeOptions
from qa.chat.credentials import FREE_TRIES, LONGEST_WAIT, Credentials, Refusal
from qa.chat.guarding import guarded
from qa.chat.health import health
from qa.chat.origins import OriginGuard
from qa.chat.overload import BUSY, RESTARTED
from qa.chat.serving import warnings_of
from qa.chat.sessions import IDLE, LIFE, Sessions
from qa.chat.users import Entry, read_users, remove_user, write_user
from qa.errors import IndexStateError, UsersError, VerbatimError

PASSWORD = "correct horse Café 😀"
STARTS_WITHIN = 10.0
"""Seconds of processor time until the server listens; the aim is 5 by the clock, which a busy machine makes meaningless."""


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("auth") / "users"
    write_user(file, "anna", PASSWORD)
    return file


@pytest.fixture(scope="module")
def open_server() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def guarded_server(users: Path) -> Iterator[str]:
    with running(auth=str(users)) as address:
        yield address


def log_in(address: str, password: str = PASSWORD) -> httpx.Response:
    return httpx.post(f"{address}/login", data={"username": "anna", "password": password})


# The file of users


def test_file_of_users(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("# the ward\n\n", encoding="utf-8")
    file.chmod(0o644)
    assert write_user(file, "anna", PASSWORD) is False
    assert write_user(file, "Bó b", PASSWORD) is False
    assert write_user(file, "anna", "another password") is True
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# the ward\n") and "another" not in text
    users = read_users(file)
    assert list(users) == ["Bó b", "anna"]
    assert users["anna"].fits("another password") and not users["anna"].fits(PASSWORD)
    assert users["Bó b"].fits(PASSWORD) and users["Bó b"].salt != users["anna"].salt
    remove_user(file, "anna")
    assert list(read_users(file)) == ["Bó b"]
    assert [path.name for path in tmp_path.iterdir()] == ["users"]
    with pytest.raises(UsersError, match="no user 'anna'"):
        remove_user(file, "anna")


@pytest.mark.parametrize("name", ["", "a:b", "#anna", " anna", "anna ", "an\nna", "x" * 65])
def test_names_that_will_not_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsersError, match="no name"):
        write_user(tmp_path / "users", name, PASSWORD)
    assert not list(tmp_path.iterdir())


def test_passwords_that_will_not_do(tmp_path: Path) -> None:
    for password in ("", "short", "x" * 1001):
        with pytest.raises(UsersError, match="8 to 1000 characters"):
            write_user(tmp_path / "users", "anna", password)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("anna:secret", "not NAME:scrypt"),
        ("anna:md5:1:1:1:aaaa:aaaa", "'md5'"),
        ("anna:scrypt:32768:8:x:aaaa:aaaa", "positive numbers"),
        ("anna:scrypt:32767:8:3:aaaa:aaaa", "power of two"),
        ("anna:scrypt:1073741824:8:3:aaaa:aaaa", "positive numbers"),
        ("anna:scrypt:134217728:8:3:aaaa:aaaa", "256 MB at most"),
        ("anna:scrypt:32768:8:3:a!:aaaa", "no base64"),
        ("anna:scrypt:32768:8:3:aaaa:aaaa", "too short"),
        ("a b\tc:scrypt:32768:8:3:aaaa:aaaa", "no name"),
    ],
)
def test_malformed_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "users"
    file.write_text(f"# first\n{line}\n", encoding="utf-8")
    with pytest.raises(UsersError, match=message) as caught:
        read_users(file)
    assert str(caught.value).startswith(f"{file}:2: ")


def test_files_that_are_no_file_of_users(tmp_path: Path) -> None:
    file = tmp_path / "users"
    with pytest.raises(UsersError, match="qa user NAME"):
        read_users(file)
    file.write_text("# nobody\n", encoding="utf-8")
    with pytest.raises(UsersError, match="no users in it"):
        read_users(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsersError, match="cannot be read"):
        read_users(file)
    line = Entry.make("anna", PASSWORD).line()
    file.write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(UsersError, match=":2: 'anna' is there twice"):
        read_users(file)


def test_command_reads_the_password_from_stdin(tmp_path: Path) -> None:
    file = tmp_path / "users"
    command = [sys.executable, "-m", "qa.cli", "user", "anna", "--auth", str(file)]
    done = subprocess.run(command, input=f"{PASSWORD}\n", cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stdout and "'anna' is added" in done.stderr
    assert read_users(file)["anna"].fits(PASSWORD)
    done = subprocess.run([*command, "--remove"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not file.read_text(encoding="utf-8")


# Names, passwords and sessions


def test_credentials_follow_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "users"
    write_user(file, "anna", PASSWORD)
    credentials = Credentials(file)
    assert isinstance(credentials.check("anna", PASSWORD, "a"), Entry)
    write_user(file, "anna", "another password")
    write_user(file, "ben", PASSWORD)
    assert credentials.check("anna", PASSWORD, "a") == Refusal()
    assert isinstance(credentials.check("ben", PASSWORD, "a"), Entry)
    file.write_text("broken\n", encoding="utf-8")
    assert isinstance(credentials.check("ben", PASSWORD, "a"), Entry)
    assert "stay as they are" in caplog.text


def test_guessing_is_slowed_down(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(Entry, "fits", lambda _, password: bool(hashed.append(password)) or password == PASSWORD)
    clock = Clock()
    credentials = Credentials(users, clock)
    for _ in range(FREE_TRIES):
        assert credentials.check("anna", "wrong", "evil") == Refusal()
    wait = credentials.check("anna", PASSWORD, "evil")
    assert isinstance(wait, Refusal) and wait.wait == 1.0 and len(hashed) == FREE_TRIES
    assert isinstance(credentials.check("anna", PASSWORD, "home"), Entry), "others are not locked out"
    for _ in range(20):
        clock.now += LONGEST_WAIT
        credentials.check("anna", "wrong", "evil")
    wait = credentials.check("anna", "wrong", "evil")
    assert isinstance(wait, Refusal) and wait.wait == LONGEST_WAIT
    clock.now += LONGEST_WAIT
    assert isinstance(credentials.check("anna", PASSWORD, "evil"), Entry)
    assert isinstance(credentials.check("nobody", "x" * 32, "a"), Refusal)


def test_a_right_password_is_hashed_once(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = Credentials(users)
    assert isinstance(credentials.check("anna", PASSWORD, "a"), Entry)
    monkeypatch.setattr(Entry, "fits", lambda *_: pytest.fail("hashed again"))
    assert isinstance(credentials.check("anna", PASSWORD, "b"), Entry)


def test_few_passwords_wait_to_be_hashed(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entry, "fits", lambda *_: time.sleep(0.1))
    credentials = Credentials(users)
    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda number: credentials.check("anna", f"wrong {number}", str(number)), range(20)))
    assert Refusal(1.0) in results and Refusal() in results


def test_sessions_end() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    entry = Entry("anna", 2, 1, 1, b"salt", b"digest")
    token = sessions.begin(entry)
    current = {"anna": entry}
    assert sessions.user(token, current.get) == "anna" and sessions.user("another", current.get) == ""
    while clock.now < LIFE - IDLE:
        clock.now += IDLE - 1
        assert sessions.user(token, current.get) == "anna"
    clock.now = LIFE + 1
    assert sessions.user(token, current.get) == "", "it has a longest life"
    token = sessions.begin(entry)
    clock.now += IDLE + 1
    assert sessions.user(token, current.get) == "", "it ends when nothing is asked"
    token = sessions.begin(entry)
    sessions.end(token)
    assert sessions.user(token, current.get) == ""
    token = sessions.begin(entry)
    assert sessions.user(token, {"anna": Entry("anna", 2, 1, 1, b"salt", b"other")}.get) == "", (
        "the password has changed"
    )
    assert sessions.user(token, current.get) == ""


# Over HTTP


PROTECTED = [
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/theme.css"),
    ("GET", "/assets/index.js"),
    ("GET", "/static/img/logo.svg"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/openapi.json"),
    ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/startup-events"),
    ("GET", "/gradio_api/heartbeat/abc"),
    ("GET", "/gradio_api/queue/data?session_hash=abc"),
    ("GET", "/gradio_api/file=app.py"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/call/ask"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/reset"),
    ("POST", "/logout"),
    ("GET", "/logout"),
    ("GET", "/nothing/here"),
    ("GET", "//login"),
    ("GET", "/login/"),
    ("GET", "/health/"),
    ("GET", "/health/../config"),
    ("GET", "/login/../config"),
    ("GET", "/%6Cogin/x"),
    ("OPTIONS", "/config"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_nothing_without_a_login(guarded_server: str, method: str, path: str) -> None:
    for headers in ({}, {"cookie": "verbatim-7860=x; verbatim=y; access-token-x=z"}, {"authorization": "Basic !"}):
        request = httpx.Request(method, httpx.URL(guarded_server).copy_with(raw_path=path.encode()), headers=headers)
        with httpx.Client() as client:
            response = client.send(request)
        assert response.status_code == 401, (path, response.text[:200])
        assert response.headers["www-authenticate"].startswith("Basic ") and "log in" in response.json()["detail"]


def test_health_and_form_without_a_login(guarded_server: str) -> None:
    assert httpx.get(f"{guarded_server}/health").json()["status"] == "ok"
    browser = {"accept": "text/html", "user-agent": "Mozilla/5.0"}
    response = httpx.get(f"{guarded_server}/?q=a+b&x=1", headers=browser)
    assert response.status_code == 303
    assert response.headers["location"] == "/login?next=%2F%3Fq%3Da%2Bb%26x%3D1"
    page = httpx.get(f"{guarded_server}{response.headers['location']}", headers=browser)
    assert page.status_code == 200 and 'action="/login?next=%2F%3Fq%3Da%2Bb%26x%3D1"' in page.text
    assert not re.search(r"""(?:src|href)=["']?(?!data:)[^"'>]""", page.text), "the page needs nothing else"
    refused = httpx.get(f"{guarded_server}/config", headers={"user-agent": "Mozilla/5.0"})
    assert refused.status_code == 401 and "www-authenticate" not in refused.headers, "no dialog of the browser"


def test_login_by_form(guarded_server: str) -> None:
    wrong = log_in(guarded_server, "wrong password")
    assert wrong.status_code == 401 and wrong.json()["detail"] == "The name or the password is wrong."
    page = httpx.post(
        f"{guarded_server}/login?next=%2F%3Fq%3Da",
        data={"username": '"><script>alert(1)</script>', "password": "x"},
        headers={"accept": "text/html"},
    )
    assert page.status_code == 401 and "The name or the password is wrong." in page.text
    assert "<script>alert" not in page.text
    right = httpx.post(
        f"{guarded_server}/login?next=%2F%3Fq%3Da",
        data={"username": " anna", "password": PASSWORD},
        headers={"accept": "text/html"},
    )
    assert (right.status_code, right.headers["location"]) == (303, "/?q=a")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    with httpx.Client(base_url=guarded_server, cookies=right.cookies) as client:
        assert client.get("/").status_code == 200
        assert client.get("/config").json()["username"] == "anna"
        assert client.get("/logout").status_code == 405
        assert client.post("/logout").headers["location"] == "/login"
        client.cookies = httpx.Cookies(right.cookies)
        assert client.get("/config").status_code == 401, "the token is worth nothing any more"
    huge = httpx.post(f"{guarded_server}/login", data={"username": "anna", "password": "x" * 20_000})
    assert huge.status_code == 413


@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "/a\r\nb", "/login?x"]
)
def test_login_leads_nowhere_else(guarded_server: str, after: str) -> None:
    done = httpx.post(
        f"{guarded_server}/login",
        params={"next": after},
        data={"username": "anna", "password": PASSWORD},
        headers={"accept": "text/html"},
    )
    assert (done.status_code, done.headers["location"]) == (303, "/")


def test_login_is_secure_behind_https(guarded_server: str) -> None:
    done = httpx.post(
        f"{guarded_server}/login",
        data={"username": "anna", "password": PASSWORD},
        headers={"x-forwarded-proto": "https", "x-forwarded-host": "papers.example.org"},
    )
    assert "Secure" in done.headers["set-cookie"]


def test_guessing_over_http_is_slowed_down(guarded_server: str) -> None:
    form = {"username": "guessed", "password": "wrong password"}
    answers = [httpx.post(f"{guarded_server}/login", data=form) for _ in range(FREE_TRIES + 1)]
    assert [answer.status_code for answer in answers] == [*[401] * FREE_TRIES, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1 and "wait" in answers[-1].json()["detail"]


def test_basic_login(guarded_server: str) -> None:
    ask = f"{guarded_server}/gradio_api/call/ask"
    with httpx.Client(auth=("anna", PASSWORD)) as client:
        event = client.post(ask, json={"data": ["EUA dose"]}).json()["event_id"]
        assert "4 mg of baricitinib" in client.get(f"{ask}/{event}").text
    assert httpx.get(f"{guarded_server}/config", auth=("anna", "wrong password")).status_code == 401


def test_gradio_client_logs_in(guarded_server: str) -> None:
    client = pytest.importorskip("gradio_client")
    options = {"verbose": False, "analytics_enabled": False, "download_files": False}
    right = client.Client(guarded_server, auth=("anna", PASSWORD), **options)
    assert right.predict("EUA dose", api_name="/ask")["answered"]
    with pytest.raises(Exception, match="Invalid credentials"):
        client.Client(guarded_server, auth=("anna", "wrong password"), **options)
    with pytest.raises(Exception, match="credentials were not provided"):
        client.Client(guarded_server, **options)


def test_other_sites_are_refused(open_server: str) -> None:
    port = open_server.rsplit(":", 1)[1]
    join = {"data": ["EUA dose"]}
    refused = (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": f"http://127.0.0.1:{int(port) + 1}"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.example"},
        {"host": f"evil.example:{port}", "origin": f"http://evil.example:{port}", "sec-fetch-site": "same-origin"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "[evil"},
        {"host": ""},
    )
    for headers in refused:
        response = httpx.post(f"{open_server}/gradio_api/call/ask", json=join, headers=headers)
        assert response.status_code == 403 and response.json()["detail"], headers
        assert "access-control-allow-origin" not in response.headers
    for headers in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
        assert httpx.get(f"{open_server}/config", headers=headers).status_code == 403
    preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert httpx.options(f"{open_server}/gradio_api/call/ask", headers=preflight).status_code == 403
    allowed = (
        {},
        {"origin": open_server},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"host": f"localhost:{port}", "origin": f"http://localhost:{port}"},
        {"host": f"[::1]:{port}", "origin": f"http://[::1]:{port}", "sec-fetch-site": "same-origin"},
        {"host": f"127.0.0.1:{port}", "x-forwarded-host": "papers.example.org", "origin": "https://papers.example.org"},
    )
    for headers in allowed:
        response = httpx.post(f"{open_server}/gradio_api/call/ask", json=join, headers=headers)
        assert response.status_code == 200, (headers, response.text)
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert httpx.get(open_server, headers=link).status_code == 200, "links lead here"


def test_names_that_the_server_is_told() -> None:
    def refusal(options: ServeOptions, host: str) -> str:
        return OriginGuard(None, options).refusal({"headers": [(b"host", host.encode())], "method": "GET"})  # type: ignore[arg-type,typeddict-item]

    named = ServeOptions(allow_hosts=("Papers.Example.org",), root_path="https://proxy.example.org/papers")
    for host in ("papers.example.org", "PAPERS.example.org.:8080", "proxy.example.org", "192.168.1.5:7860"):
        assert refusal(named, host) == ""
    assert "--allow-host" in refusal(named, "example.org")
    assert refusal(ServeOptions(host="ward.example"), "ward.example:7860") == ""


def test_overload_is_told(users: Path) -> None:
    with running(slow=1.5, queue=2) as address:
        ask = f"{address}/gradio_api/call/ask"

        def put(_: int) -> httpx.Response:
            return httpx.post(ask, json={"data": ["EUA dose"]}, timeout=30)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(put, range(8)))
        codes = sorted(answer.status_code for answer in answers)
        assert set(codes) == {200, 503}
        refused = next(answer for answer in answers if answer.status_code == 503)
        assert refused.json() == {"detail": BUSY} and int(refused.headers["retry-after"]) > 0
        taken = [answer.json()["event_id"] for answer in answers if answer.status_code == 200]
        texts = [httpx.get(f"{ask}/{event}", timeout=30).text for event in taken]
        assert all("event: complete" in text for text in texts), "who was let in is answered"
        time.sleep(0.1)
        assert put(0).status_code == 200, "there is room again"


def test_a_page_from_before_a_restart_is_told() -> None:
    port = free_port()
    with running(port) as address:
        page = httpx.get(address)
        join = f"{address}/gradio_api/call/ask"
        assert httpx.post(join, json={"data": ["x"]}, cookies=page.cookies).status_code == 200
    with running(port) as address:
        late = httpx.post(join, json={"data": ["x"]}, cookies=page.cookies)
        assert (late.status_code, late.json()) == (409, {"detail": RESTARTED})
        assert httpx.post(join, json={"data": ["x"]}).status_code == 200, "programs go on"
        assert httpx.get(f"{address}/gradio_api/app_id").status_code == 404, "pages do not reload by themselves"


@pytest.mark.parametrize("root", ["/papers", "https://proxy.example.org/papers"])
def test_below_a_root_path(users: Path, root: str) -> None:
    with running(auth=str(users), root_path=root) as address:
        proxy = {"host": "127.0.0.1", "x-forwarded-host": "proxy.example.org", "x-forwarded-proto": "https"}
        page = {**proxy, "accept": "text/html"}
        for prefix in ("", "/papers"):  # proxies that take the root path off, and those that do not
            with httpx.Client(base_url=address + prefix) as client:
                assert client.get("/health", headers=proxy).json()["status"] == "ok"
                assert client.get("/?q=a", headers=page).headers["location"] == "/papers/login?next=%2F%3Fq%3Da"
                form = {"username": "anna", "password": PASSWORD}
                origin = {"origin": "https://proxy.example.org"}
                done = client.post("/login?next=%2F%3Fq%3Da", data=form, headers=page | origin)
                assert done.headers["location"] == "/papers/?q=a"
                cookie = done.headers["set-cookie"]
                assert "Path=/papers/;" in cookie and "Secure" in cookie
                cookies = {"cookie": cookie.split(";")[0]}
                config = client.get("/config", headers=proxy | cookies).json()
                assert config["root"] == "https://proxy.example.org/papers"
                text = client.get("/", headers=page | cookies).text
                assert "/papers/logout" in text


def test_own_routes_stand_behind_the_same_guards(users: Path) -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def name(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"user={request.state.user}")

    options = ServeOptions(auth=users)
    app = guarded(Starlette(routes=[Route("/own", name)]), options, Credentials(users))

    async def get(**headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.get("/own", headers=headers)

    coded = base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
    assert asyncio.run(get(authorization=f"Basic {coded}")).text == "user=anna"
    assert asyncio.run(get()).status_code == 401
    assert asyncio.run(get(authorization=f"Basic {coded}", host="evil.example")).status_code == 403


@pytest.mark.parametrize("host", [b"127.0.0.1", b"evil.example"])
def test_websockets_are_guarded(users: Path, host: bytes) -> None:
    reached: list[str] = []
    sent: list[dict[str, object]] = []

    async def inner(scope: object, receive: object, send: object) -> None:
        reached.append("inside")

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/socket", "headers": [(b"host", host)], "query_string": b"", "scheme": "ws"}
    app = guarded(inner, ServeOptions(auth=users), Credentials(users))
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert not reached and [message["type"] for message in sent] == ["websocket.close"]


# Starting and ending


def test_health() -> None:
    pending = Pending()
    assert health(pending)["status"] == "loading"
    pending.set(FakeAssistant())
    found = health(pending)
    assert (found["status"], found["documents"], found["passages"]) == ("ok", 3, 12)
    failed = Pending()
    failed.fail(IndexStateError("/secret/folder is damaged"))
    assert health(failed)["status"] == "error" and "secret" not in json.dumps(health(failed))


def test_warnings(tmp_path: Path, users: Path) -> None:
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.9"):
        assert list(warnings_of(ServeOptions(host=host))) == []
    for host in ("0.0.0.0", "::", "192.168.1.5", "ward.example"):
        (warning,) = warnings_of(ServeOptions(host=host))
        assert host in warning and "--auth" in warning
        assert list(warnings_of(ServeOptions(host=host, auth=users))) == []
    loose = tmp_path / "users"
    loose.write_bytes(users.read_bytes())
    loose.chmod(0o640)
    (warning,) = warnings_of(ServeOptions(auth=loose))
    assert str(loose) in warning and "chmod 600" in warning
    with pytest.raises(VerbatimError, match="qa user"):
        list(warnings_of(ServeOptions(auth=tmp_path / "none")))


def processor_time(process: int) -> float:
    """Seconds that the process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


SWALLOWED = """
import signal, sys, time
from contextlib import suppress
from qa.chat import ServeOptions, serving

def swallow(*_):
    with suppress(KeyboardInterrupt):
        signal.raise_signal(int(sys.argv[1]))
        time.sleep(1000)

serving._open = swallow
serving.serve(sys.argv[2], ServeOptions(port=int(sys.argv[3])), announce=print, note=print)
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_is_swallowed_while_it_loads_ends_the_server(tmp_path: Path, end: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-c", SWALLOWED, str(int(end)), str(tmp_path), str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stdout) == (0, f"http://127.0.0.1:{port}\n"), done.stderr


@pytest.mark.model
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_listens_before_it_has_loaded_and_ends_quietly(tmp_path: Path, end: signal.Signals) -> None:
    port = free_port()
    environment = {**os.environ, "VERBATIM_INDEX": str(tmp_path / "index"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "app.py", "--host", "0.0.0.0", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == f"Verbatim is at http://localhost:{port}"
            assert processor_time(process.pid) < STARTS_WITHIN
            answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=30)
            assert answer.status_code == 503 and answer.json()["status"] == "loading"
            assert httpx.get(f"http://127.0.0.1:{port}", timeout=30).status_code == 200
            process.send_signal(end)
            out, err = process.communicate(timeout=90)
        finally:
            process.kill()
    assert process.returncode == 0 and not out
    assert "warning: everybody who can reach 0.0.0.0" in err and "opening the documents" in err
    assert "Traceback" not in err and "rror" not in err
