"""Archives of CIFAR-10 with lies in their headers and damage in their content, by the thousand.

    python -m tests.data.hostile_archives 20000 [seed]

Each must be read, with the official content, or be refused in one sentence (UserError), at little time and memory.
"""

import gzip
import random
import sys
import tarfile
import tempfile
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

from tests.data.conftest import Tiny

from chainrule.data.cifar10.fetch import load_cifar10
from chainrule.errors import UserError

BLOCK = 512
HUGE = (b"0", b"-1", b"1e9", b"99999999999999999999999999", b"%d" % 2**60, b"\xff", b"")
KEYS = (b"size", b"path", b"GNU.sparse.major", b"GNU.sparse.minor", b"GNU.sparse.realsize", b"GNU.sparse.map",
        b"GNU.sparse.size", b"GNU.sparse.name", b"mtime", b"hdrcharset", b"linkpath", b"uid", b"\xe4")  # fmt: skip
KINDS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
         tarfile.CONTTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.SYMTYPE, b"Z", b"\0")  # fmt: skip
MOST_SECONDS, MOST_BYTES = 5.0, 64 * 2**20


def seal(header: bytearray) -> bytes:
    """A header block with its checksum made right."""
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def draw_extended_header(rng: random.Random) -> bytes:
    """An extended (PAX) header, or a chain of sparse ones, of which anything may be a lie."""
    records = b""
    for _ in range(rng.randint(1, 4)):
        value = rng.choice((*HUGE, b"1", b"0", b"data_batch_1.bin", rng.randbytes(5)))
        record = b" %s=%s\n" % (rng.choice(KEYS), value)
        length = rng.choice((b"%d" % (len(record) + 2), rng.choice(HUGE), b"3"))
        records += length + record
    info = tarfile.TarInfo("x")
    info.size, info.type = len(records), rng.choice(KINDS[:2] + KINDS)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    if info.type == tarfile.GNUTYPE_SPARSE:
        header[482:483] = rng.choice((b"\0", b"\1"))  # whether another block of pieces follows
        header[386:410] = rng.randbytes(24) if rng.random() < 0.5 else b"00000000000\x0000000000000\x00"
    return seal(header) + records + bytes(-len(records) % BLOCK)


def draw_archive(good: bytes, rng: random.Random) -> bytes:
    """A gzipped tar archive made of the good tar archive `good`, with up to three lies."""
    plain = bytearray(good)
    for _ in range(rng.randint(1, 3)):
        place = BLOCK * rng.randrange(max(1, len(plain) // BLOCK))
        what = rng.randrange(6)
        if what == 0:
            plain[rng.choice((0, place)) : 0] = draw_extended_header(rng)
        elif what == 1:  # one field of the first header
            start, end = rng.choice(((0, 100), (124, 136), (136, 148), (156, 157), (257, 265), (345, 500)))
            header = plain[:BLOCK]
            header[start:end] = (rng.choice((*HUGE, *KINDS)) + rng.randbytes(end - start))[: end - start]
            plain[:BLOCK] = seal(header)
        elif what == 2:  # a base-256 number in the size
            header = plain[:BLOCK]
            header[124:136] = b"\x80" + rng.randbytes(11)
            plain[:BLOCK] = seal(header)
        elif what == 3:
            del plain[place + rng.randrange(BLOCK) :]
        elif what == 4:
            plain[place : place + 8] = rng.randbytes(8)
        else:
            plain[place:place] = plain[:BLOCK] * rng.randint(1, 3)
    packed = bytearray(gzip.compress(bytes(plain), 1))
    if rng.random() < 0.1 and len(packed) > 20:
        packed[rng.randrange(len(packed))] ^= 1 << rng.randrange(8)
    return bytes(packed)


def try_archives(count: int, seed: int, folder: Path) -> dict[str, int]:
    """Load that many archives; return how many were read and how many refused. Fails at the first that does neither."""
    tiny, rng = Tiny(), random.Random(seed)
    layouts = [tiny.binary(), tiny.python(2), tiny.python(4), tiny.png()]
    goods = [gzip.decompress(tiny.pack_folder(files, "top")) for files in layouts]
    told = {"read": 0}
    tracemalloc.start()
    for number in range(count):
        path = folder / "some.tar.gz"
        path.write_bytes(draw_archive(rng.choice(goods), rng))
        began = time.process_time()
        tracemalloc.reset_peak()
        with suppress(UserError):
            load_cifar10(path, folder / f"cache{number}", edition=tiny.edition, progress=False)
            told["read"] += 1
        assert time.process_time() - began < MOST_SECONDS, f"archive {number} of seed {seed} is slow"
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES, f"archive {number} of seed {seed} takes much memory"
    tracemalloc.stop()
    return {**told, "refused": count - told["read"]}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(try_archives(int(sys.argv[1]), int([*sys.argv, 0][2]), Path(scratch)))
