"""Requests to the application without a network: what a browser, or an enemy, would send."""

import asyncio
import json
from typing import Any

from chainrule.web.guard import Guard

PORT = 8321
OWN = [(b"host", b"127.0.0.1:8321")]


async def send(
    guard: Guard, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes = b"", query: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Send a request; returns status, headers and body of the answer, which comes exactly once."""
    asked = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[Any] = []

    async def receive() -> Any:
        if not asked:
            await asyncio.sleep(3600)  # the person waits
        return asked.pop()

    async def answer(message: Any) -> None:
        told.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode("utf-8", "replace"), "query_string": query, "headers": headers, "root_path": "",
        "scheme": "http", "server": ("127.0.0.1", PORT), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await guard(scope, receive, answer)
    starts = [message for message in told if message["type"] == "http.response.start"]
    assert len(starts) == 1, "an answer begins exactly once"
    named = {name.decode().lower(): value.decode() for name, value in starts[0]["headers"]}
    return starts[0]["status"], named, b"".join(message.get("body", b"") for message in told)


def own_headers(guard: Guard) -> list[tuple[bytes, bytes]]:
    """The headers of the page's own requests."""
    cookie = f"{guard.cookie}={guard.session}".encode()
    origin = (b"origin", b"http://127.0.0.1:8321")
    return [*OWN, (b"cookie", cookie), origin, (b"content-type", b"application/json")]


async def post(guard: Guard, path: str, order: Any) -> tuple[int, Any]:
    """Send an order as the page does."""
    status, _, body = await send(guard, "POST", path, own_headers(guard), json.dumps(order).encode())
    return status, json.loads(body)
