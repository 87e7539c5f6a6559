"""The server from its first address to Ctrl-C, over the network."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="needs the extra web")

from tests.web.browser import serving

GARBAGE = (
    b"", b"\x00" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
    b"POST /api/derive HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n", b"GET / HTTP/1.1\r\nA" * 4000,
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET /static/%zz HTTP/1.1\r\nHost: \xff\r\n\r\n", b"CONNECT evil:443 HTTP/1.1\r\nHost: evil\r\n\r\n",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("runs")) as address:
        yield address


def ask(address: str, path: str, **headers: str) -> http.client.HTTPResponse:
    with closing(http.client.HTTPConnection(address.split("/")[2], timeout=30)) as connection:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        return response


def test_garbage_is_survived_and_never_answered_with_content(address: str) -> None:
    host, port = address.split("/")[2].split(":")
    for garbage in GARBAGE:
        with socket.create_connection((host, int(port)), timeout=30) as line:
            line.sendall(garbage)
            line.shutdown(socket.SHUT_WR)
            told = line.recv(100_000)
        assert not told or told.split()[1][:1] == b"4", garbage
    assert ask(address, "/").status == 403


def test_the_printed_address_lets_in(address: str) -> None:
    entered = ask(address, "/" + address.split("/")[-1])
    cookie = entered.headers["set-cookie"].split(";")[0]
    assert ask(address, "/", cookie=cookie).status == 200
    assert ask(address, "/static/base.css", cookie=cookie).status == 200


def test_a_taken_port_is_told_in_a_sentence(address: str, tmp_path: Path) -> None:
    port = address.split("/")[2].split(":")[1]
    command = [sys.executable, "-m", "chainrule", "serve", "--no-browser", "--port", port, "--runs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "give another, such as --port 0" in done.stderr
