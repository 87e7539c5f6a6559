import hashlib
import time

import pytest

from chainrule.data.cifar10 import download
from chainrule.data.cifar10.download import ATTEMPTS, download_archive
from chainrule.errors import UserError

BUSY = (503, {}, b"busy")


@pytest.fixture
def fetch(server, tiny, tmp_path):
    """Fetch the server's archive, bounded to a little more than its size."""

    def fetch(limit=2**20, progress=False, url=server.url):
        return download_archive(url, tiny.edition.archive_sha256, tmp_path, size_limit=limit, progress=progress)

    return fetch


def test_archive_arrives_whole(fetch, tiny, server):
    assert fetch().read_bytes() == tiny.archive
    assert len(server.requests) == 1


def test_redirect_is_followed(fetch, tiny, server):
    server.answers = [(302, {"Location": "/elsewhere"}, b""), (200, {}, tiny.archive)]
    assert fetch().read_bytes() == tiny.archive
    assert server.requests == ["/cifar-10-binary.tar.gz", "/elsewhere"]


@pytest.mark.parametrize(
    "fault",
    [BUSY, (429, {}, b"slowly"), (200, {}, b"another archive"), (200, {"Content-Length": "999999"}, b"cut off")],
    ids=["server error", "too many requests", "wrong content", "cut off"],
)
def test_passing_fault_is_tried_again(fetch, tiny, server, fault):
    server.answers = [fault, fault, (200, {}, tiny.archive)]
    assert fetch().read_bytes() == tiny.archive
    assert len(server.requests) == ATTEMPTS


def test_pauses_grow(fetch, server, monkeypatch):
    pauses = []
    monkeypatch.setattr(download, "PAUSE_SECONDS", 1.0)
    monkeypatch.setattr(download.time, "sleep", pauses.append)
    server.answers = [BUSY]
    with pytest.raises(UserError, match="the server answers 503 Service Unavailable, 3 times"):
        fetch()
    assert pauses == [1.0, 2.0]


def test_missing_archive_is_not_asked_for_again(fetch, server):
    server.answers = [(404, {}, b"")]
    with pytest.raises(UserError, match=r"the server answers 404 Not Found$"):
        fetch()
    assert len(server.requests) == 1


def test_other_content_is_refused_and_not_kept(fetch, server, tmp_path):
    server.answers = [(200, {}, b"another archive")]
    with pytest.raises(UserError, match="not the official archive: its SHA-256 is another, 3 times"):
        fetch()
    assert list(tmp_path.iterdir()) == []


def test_endless_content_is_cut_short(fetch, server, tmp_path):
    server.answers = [(200, {}, bytes(2**20))]
    with pytest.raises(UserError, match="more than 300,000 bytes came"):
        fetch(limit=300_000)
    assert list(tmp_path.iterdir()) == []


def test_slow_server_is_given_up(fetch, server, monkeypatch):
    monkeypatch.setattr(download, "READ_SECONDS", 0.05)
    server.answers = [(200, {"Content-Length": "20"}, b"")]
    server.RequestHandlerClass = _hold_back(server.RequestHandlerClass)
    with pytest.raises(UserError, match=r"sent nothing for 0\.05 seconds, 3 times"):
        fetch()


def _hold_back(handler):
    class HeldBack(handler):
        def do_GET(self):
            time.sleep(0.2)
            self.close_connection = True

    return HeldBack


def test_url_that_is_none_is_told(fetch):
    with pytest.raises(UserError, match="the request failed"):
        fetch(url="no-url")


def test_bar_is_drawn_on_request(fetch, tiny):
    assert hashlib.sha256(fetch(progress=True).read_bytes()).hexdigest() == tiny.edition.archive_sha256
