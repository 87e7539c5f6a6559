"""Who may ask, and what: everything that reaches the application has passed here.

Another user of the machine, another site in the same browser, and a name that resolves to this machine (DNS rebinding)
are kept out by the token, by `Origin`, and by `Host`; a request that is too large is not read to its end.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chainrule.errors import UserError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_BYTES = 2 << 20  # of a body: a notebook with pictures
MOST_QUERY = 2000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ENTRANCE = (
    b'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>chainrule</title><link rel="icon" href="data:,">'
    b'<meta http-equiv="refresh" content="0; url=."><p><a href=".">Go on to chainrule</a></p></html>'
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Refusal(Exception):
    """A request that is not answered: a status, and a sentence that says why and what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True)
class Place:
    """Where a person sees the page: at this machine's own address, or below a prefix of a proxy's."""

    origin: str
    prefix: str = "/"

    @property
    def cookie_path(self) -> str:
        """What a cookie adds to be sent to this page alone."""
        return f"Path={self.prefix}{'; Secure' if self.origin.startswith('https:') else ''}"


def read_place(address: str) -> Place:
    """The place of an address such as https://hub.example/user/me/proxy/8321/. Raises UserError where it is none."""
    parts = urlsplit(address)
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    plain = re.fullmatch(r"[\w.:-]+|\[[0-9a-fA-F:]+\](:\d+)?", parts.netloc) and re.fullmatch(r"[\w/.~@%+-]+", path)
    if parts.scheme not in ("http", "https") or not plain or parts.query or parts.fragment:
        raise UserError(f"--behind {address}: expected an address such as https://hub.example/user/me/proxy/8321/")
    return Place(f"{parts.scheme}://{parts.netloc.lower()}", path)


@dataclass
class Guard:
    """The application, for those who come from the address with the token, from this machine's own page.

    `behind` is where a proxy in front shows the page.
    """

    app: App
    port: int
    behind: Place | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie(self) -> str:
        """The cookie's name: of two servers on this machine, each has its own."""
        return f"chainrule-{self.port}"

    @property
    def address(self) -> str:
        """Where the page is, with the token, for the person who started the server."""
        place = self.behind or Place(f"http://127.0.0.1:{self.port}")
        return f"{place.origin}{place.prefix}?token={self.token}"

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it in one sentence."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # a web socket: nothing here speaks it
            return await send({"type": "websocket.close", "code": 1008})
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = dict(message.get("headers", []))
                message["headers"] = [*given.items(), *((k, v) for k, v in _encode(HEADERS.items()) if k not in given)]
            await send(message)

        try:
            headers = read_headers(scope)
            self._require_own_page(headers)
            if self.behind and scope["path"].startswith(self.behind.prefix):  # the proxy leaves it there
                scope["path"] = scope["path"][len(self.behind.prefix) - 1 :]
            if self._has_token(scope):
                path = self.behind.cookie_path if self.behind else "Path=/"
                return await _let_in(f"{self.cookie}={self.session}; {path}", send_guarded)
            if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
                raise Refusal(403, "another site leads here; open the address that chainrule serve printed")
            self._require_session(headers)
            await self.app(scope, await _read_body(scope, headers, receive), send_guarded)
        except Refusal as refusal:
            if not begun:
                await _refuse(refusal, send_guarded)

    def _require_own_page(self, headers: dict[str, str]) -> None:
        hosts = {f"{name}:{self.port}": f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost")}
        outside = {self.behind.origin} if self.behind else set()
        hosts |= {origin.partition("://")[2]: origin for origin in outside}
        if headers.get("host") not in hosts:
            raise Refusal(
                421, f"this server answers to {', '.join(hosts)} alone; behind a proxy, start it with --behind"
            )
        if "origin" in headers and headers["origin"] not in {hosts[headers["host"]], *outside}:
            raise Refusal(403, "another site asks for this, which only chainrule's own page may")

    def _has_token(self, scope: Message) -> bool:
        if scope["path"] != "/" or scope["method"] != "GET" or len(scope["query_string"]) > MOST_QUERY:
            return False
        given = parse_qs(scope["query_string"].decode("ascii", "replace")).get("token", [""])[-1]
        return _same(given, self.token)

    def _require_session(self, headers: dict[str, str]) -> None:
        pairs = [part.strip().partition("=") for part in headers.get("cookie", "").split(";")]
        given = [value for name, _, value in pairs if name == self.cookie]
        if len(given) != 1 or not _same(given[0], self.session):
            raise Refusal(403, "this page is for the person who started it; open the address that it printed")


async def _let_in(cookie: str, send: Send) -> None:
    """Give the cookie, and a page that goes on to the rooms: from there on the browser sends it, whoever led here."""
    cookie = f"{cookie}; HttpOnly; SameSite=Strict"
    headers = _encode({"content-type": "text/html; charset=utf-8", "set-cookie": cookie}.items())
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ENTRANCE})


def read_headers(scope: Message) -> dict[str, str]:
    """The headers of a request by name. Refuses one that gives what decides here twice, or not in ASCII."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key in headers and key in ("host", "origin", "cookie", "content-length", "content-type"):
            raise Refusal(400, f"the header {key} is given twice")
        headers[key] = value.decode("latin-1")
    return headers


async def _read_body(scope: Message, headers: dict[str, str], receive: Receive) -> Receive:
    """The body as it may be: none of GET, JSON of POST, no more than MOST_BYTES; returns what hands it on."""
    if scope["method"] not in ("GET", "POST"):
        raise Refusal(405, "only GET and POST are answered here")
    if len(scope["query_string"]) > MOST_QUERY:
        raise Refusal(414, f"the address is too long; at most {MOST_QUERY} characters may follow its ?")
    if scope["method"] == "GET":
        return receive
    if "origin" not in headers:
        raise Refusal(403, "a request that changes something must say its origin, as browsers do")
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "expected a body of type application/json")
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "the request broke off")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Refusal(413, f"the text is too long; at most {MOST_BYTES >> 20} MB are read")
        if not message.get("more_body"):
            break
    handed = False

    async def hand_on() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_on


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = json.dumps({"error": refusal.sentence}).encode()
    headers = _encode({"content-type": "application/json", "content-length": str(len(body))}.items())
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _same(given: str, right: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _encode(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers]
