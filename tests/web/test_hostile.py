"""Nobody enters who should not: thousands of wrong requests, none of which is answered with content.

`python -m tests.web.test_hostile 100000 7` sends so many, of that seed.
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs the extra web")

from tests.web.asking import OWN, PORT, own_headers, post, send

from chainrule.web.application import make_application
from chainrule.web.guard import MOST_BYTES, Guard, Place

PATHS = (
    "/", "/static/main.js", "/static/../guard.py", "/static/%2e%2e/guard.py", "//etc/passwd", "/api/derive",
    "/api/prove", "/api/check", "/api/runs", "/api/runs/../events", "/api/programs", "/api/train/start", "/static/",
    "/\x00", "/static/\u202egnp.sj", "/api/" + "x" * 5000, "", "*", "http://127.0.0.1:8321/",
)  # fmt: skip
HOSTS = (
    b"", b"localhost", b"127.0.0.1", b"evil.example:8321", b"127.0.0.1:8321.evil.example", b"127.0.0.1:8322",
    b"127.0.0.1:8321@evil.example", b"[::1]:8321", b"0.0.0.0:8321", b"2130706433:8321", b"127.1:8321",
    b"LOCALHOST:8321 ", b"\xff\xfe",
)  # fmt: skip
ORIGINS = (
    b"null", b"", b"http://evil.example", b"https://127.0.0.1:8321", b"http://127.0.0.1", b"http://127.0.0.1:8321/",
    b"http://127.0.0.1:8322", b"file://", b"http://localhost:8321", b"http://127.0.0.1:8321.evil.example", b"\xff",
)  # fmt: skip
BODIES = (
    b"", b"{}", b"[]", b"null", b"1e999", b"NaN", b'"text"', b'{"text": 1}', b"\xff\xfe", b"{" * 5000, b"[" * 100_000,
    b'{"text": "\\ud800"}', b'{"text": "Y[i]=X[i]"}', b'{"experiment": "mlp-numpy", "settings": ["data=/etc"]}',
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PATCH", "CONNECT", "FOO", "")


def wrong_cookies(guard: Guard, rng: random.Random) -> bytes:
    right = guard.session
    guesses = (
        "", f"{guard.cookie}=", f"{guard.cookie}={right[:-1]}", f"{guard.cookie}={right}x", f"other={right}",
        f"{guard.cookie}={guard.token}", f"{guard.cookie}={right.swapcase()}", f"{guard.cookie}=\u00e9", right,
        f"{guard.cookie}={right}; {guard.cookie}={right}", ";" * 4000, f"{guard.cookie}x={right}",
    )  # fmt: skip
    return rng.choice(guesses).encode("latin-1", "replace")


def draw_hostile(guard: Guard, rng: random.Random) -> dict[str, Any]:
    """A request that is wrong in at least one thing that keeps a stranger out."""
    method, path = rng.choice(METHODS), rng.choice(PATHS)
    headers = dict(own_headers(guard))
    headers[b"sec-fetch-site"] = b"same-origin"
    for wrong in rng.sample(("cookie", "host", "origin", "site"), rng.choice((1, 1, 2))):
        if wrong == "cookie":
            headers[b"cookie"] = wrong_cookies(guard, rng)
        elif wrong == "host":
            headers[b"host"] = rng.choice(HOSTS)
        elif wrong == "origin":
            headers[b"origin"] = rng.choice(ORIGINS)
        else:
            headers[b"sec-fetch-site"] = rng.choice((b"cross-site", b"same-site", b"", b"none, cross-site"))
    if rng.random() < 0.2:
        del headers[rng.choice((b"cookie", b"host"))]
    if rng.random() < 0.1:
        headers[b"content-type"] = rng.choice((b"text/plain", b"multipart/form-data", b"", b"\xff"))
    query = rng.choice((b"", b"token=", b"token=" + guard.token[:-1].encode(), b"token=%ff", b"a=" * 5000, b"&" * 900))
    pairs = [*headers.items()]
    if rng.random() < 0.1:
        pairs.append(rng.choice(((b"host", b"evil.example"), (b"cookie", b"a=b"), (b"origin", b"null"))))
    return {"method": method, "path": path, "headers": pairs, "body": rng.choice(BODIES), "query": query}


async def attack(guard: Guard, count: int, seed: int) -> list[int]:
    """Send hostile requests; returns the statuses. Fails where one is answered with more than a sentence."""
    rng, statuses = random.Random(seed), []
    for _ in range(count):
        request = draw_hostile(guard, rng)
        status, headers, body = await send(guard, **request)
        assert 400 <= status < 500, request
        assert "set-cookie" not in headers, request
        assert set(json.loads(body)) == {"error"}, request
        assert headers["content-security-policy"].startswith("default-src 'none'")
        statuses.append(status)
    return statuses


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    return make_application(PORT, tmp_path)


@pytest.mark.parametrize(
    "behind", [None, Place("https://hub.example", "/user/me/proxy/8321/")], ids=["alone", "behind"]
)
def test_thousands_of_wrong_requests_are_refused_each_in_a_sentence(tmp_path: Path, behind: Place | None) -> None:
    guard = make_application(PORT, tmp_path, behind=behind)
    assert {400, 403, 421} <= set(asyncio.run(attack(guard, 2000, 1)))


@pytest.mark.parametrize("body", [body for body in BODIES if body != b'{"text": "Y[i]=X[i]"}'])
def test_a_wrong_body_of_the_page_itself_is_refused_in_a_sentence(guard: Guard, body: bytes) -> None:
    status, _, told = asyncio.run(send(guard, "POST", "/api/train/start", own_headers(guard), body))
    assert status in (400, 422)
    assert json.loads(told)["error"]


def test_what_is_too_large_is_not_read(guard: Guard) -> None:
    status, _, _ = asyncio.run(send(guard, "POST", "/api/derive", own_headers(guard), b" " * (MOST_BYTES + 1)))
    assert status == 413


@pytest.mark.parametrize("path", [path for path in PATHS if path not in ("/", "/static/main.js")])
def test_one_who_may_enter_reaches_no_file_by_a_path(guard: Guard, path: str) -> None:
    if path in ("/api/programs", "/api/runs"):
        return
    status, _, told = asyncio.run(send(guard, "GET", path, own_headers(guard)))
    assert status in (404, 405)
    assert set(json.loads(told)) == {"error"}


def test_the_token_gives_a_cookie_that_other_sites_cannot_use_and_scripts_cannot_read(guard: Guard) -> None:
    status, headers, _ = asyncio.run(send(guard, "GET", "/", OWN, query=b"token=" + guard.token.encode()))
    assert (status, headers["set-cookie"].split("; ")[1:]) == (200, ["Path=/", "HttpOnly", "SameSite=Strict"])
    status, _, page = asyncio.run(send(guard, "GET", "/", own_headers(guard)))
    assert (status, b"<main" in page) == (200, True)


def test_a_setting_cannot_lead_to_a_folder(guard: Guard) -> None:
    for setting in ("data=/etc", "data = ../x", "data_dir=/etc", "data=~", " data =/etc", "data=digits/../../etc"):
        status, told = asyncio.run(post(guard, "/api/train/start", {"experiment": "mlp-numpy", "settings": [setting]}))
        assert (status, "error" in told) == (422, True), setting


if __name__ == "__main__":
    found = asyncio.run(attack(make_application(PORT, Path("runs")), int(sys.argv[1]), int(sys.argv[2])))
    print({status: found.count(status) for status in sorted(set(found))})
