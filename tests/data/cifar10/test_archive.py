import gzip
import io
import os
import tarfile
import tracemalloc

import pytest
from tests.data.hostile_archives import try_archives

from chainrule.data.cifar10.archive import READ_LIMIT, read_archive
from chainrule.errors import UserError

LIMIT = 4 * 2**20


def read(folder, archive, wanted=("wanted",)):
    path = folder / "some.tar.gz"
    path.write_bytes(archive)
    return [(name, content.read()) for name, content in read_archive(path, wanted, LIMIT)]


def special(kind, target=""):
    info = tarfile.TarInfo("top/special")
    info.type, info.linkname = kind, target
    return info, b""


def test_only_wanted_members_are_read(tiny, tmp_path):
    folder = tarfile.TarInfo("top")
    folder.type = tarfile.DIRTYPE
    archive = tiny.pack(
        [
            (folder, b""),
            tiny.member("top/other", b"x"),
            tiny.member("top/wanted", b"content"),
            tiny.member("top/more", b"y"),
        ]
    )
    assert read(tmp_path, archive) == [("wanted", b"content")]


@pytest.mark.parametrize("name", ["../out", "top/../../out", "/etc/out", "C:/out", "top\\..\\..\\out", "\\\\host\\out"])
def test_paths_that_climb_out_are_refused(tiny, tmp_path, name):
    with pytest.raises(UserError, match=r"some\.tar\.gz is refused: its member .*out' points out of the archive"):
        read(tmp_path, tiny.pack([tiny.member(name, b"x"), tiny.member("wanted", b"content")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tiny, tmp_path, kind):
    with pytest.raises(UserError, match="'top/special' is a link, a device or another special file"):
        read(tmp_path, tiny.pack([tiny.member("wanted", b"content"), special(kind, "/etc/passwd")]))


def test_sparse_files_are_refused(tmp_path):
    info = tarfile.TarInfo("wanted")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:410] = b"00000000000\x0000000000000\x00"  # offset and size of the first piece
    header[483:495] = b"77777777777\x00"  # the size that it claims to have
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    with pytest.raises(UserError, match="'wanted' is a link, a device or another special file"):
        read(tmp_path, gzip.compress(bytes(header) + bytes(1024)))


@pytest.mark.parametrize("name", ["wanted", "other"])
def test_bomb_is_refused_whether_it_is_wanted_or_not(tiny, tmp_path, name):
    archive = tiny.pack([tiny.member(name, bytes(2 * LIMIT)), tiny.member("wanted", b"content")])
    assert len(archive) < 20_000
    with pytest.raises(UserError, match="refused"):
        read(tmp_path, archive)


def test_member_is_read_in_pieces_up_to_the_limit(tiny, tmp_path):
    path = tmp_path / "some.tar.gz"
    path.write_bytes(tiny.pack([tiny.member("wanted", bytes(3 * READ_LIMIT))]))
    members = read_archive(path, {"wanted"}, 3 * READ_LIMIT)  # which the header takes its part of
    _, content = next(members)
    assert len(content.read(READ_LIMIT)) == READ_LIMIT
    assert len(content.read(READ_LIMIT)) == READ_LIMIT
    with pytest.raises(UserError, match="unpacks to more than 3,145,728 bytes"):
        content.read(READ_LIMIT)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_header_that_claims_to_be_huge_costs_no_memory(tmp_path, kind):
    info = tarfile.TarInfo("long")
    info.type, info.size = kind, 2**30
    path = tmp_path / "some.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(8 * 2**20)))
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match="one of its headers claims 1,073,741,824 bytes"):
            list(read_archive(path, {"wanted"}, LIMIT))
        assert tracemalloc.get_traced_memory()[1] < 2**21
    finally:
        tracemalloc.stop()


def test_endless_members_are_refused(tiny, tmp_path):
    with pytest.raises(UserError, match="more than 100 members"):
        read(tmp_path, tiny.pack([tiny.member(f"top/{number}") for number in range(101)]))


@pytest.mark.parametrize("damage", ["truncated", "no gzip", "no tar", "empty"])
def test_damaged_archive_is_named(tiny, tmp_path, damage):
    good = tiny.pack([tiny.member("wanted", os.urandom(50_000))])
    content = {
        "truncated": good[:20_000],
        "no gzip": b"<html>not found</html>" * 50,
        "no tar": gzip.compress(os.urandom(5_000)),
        "empty": b"",
    }
    with pytest.raises(UserError, match=r"some\.tar\.gz is damaged"):
        read(tmp_path, content[damage])


def test_file_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(UserError, match="none cannot be read"):
        list(read_archive(tmp_path / "none", {"wanted"}, LIMIT))


def test_wanted_member_is_seekable_as_pillow_needs(tiny, tmp_path):
    path = tmp_path / "some.tar.gz"
    path.write_bytes(tiny.pack([tiny.member("wanted", b"0123456789")]))
    for _, content in read_archive(path, {"wanted"}, LIMIT):
        content.read(4)
        content.seek(0)
        assert io.BytesIO(content.read(6)).getvalue() == b"012345"


def pax(tiny, *records):
    """An archive whose first header is an extended one with these records."""
    content = b"".join(records)
    info = tarfile.TarInfo("x")
    info.type = tarfile.XHDTYPE
    info.size = len(content)
    return tiny.pack([(info, content), tiny.member("wanted", b"content")])


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"39 size=999999999999999999999999999999\n", "unpacks to more than"),
        (b"99999999999999999999 a=b\n", "damaged or is no gzipped tar archive"),
        (b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n36 GNU.sparse.name=data_batch_1.bin\n", "damaged or is no"),
    ],
)
def test_extended_header_that_lies_is_refused(tiny, tmp_path, record, message):
    with pytest.raises(UserError, match=message):
        read(tmp_path, pax(tiny, record))


def test_member_that_claims_to_be_huge_is_refused(tmp_path):
    info = tarfile.TarInfo("wanted")
    info.size = 2**60
    with pytest.raises(UserError, match="unpacks to more than"):
        read(tmp_path, gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(2048)))


def test_hostile_archives_are_read_or_refused_in_a_sentence(tmp_path):
    told = try_archives(200, 5, tmp_path)
    assert told["read"] > 0
    assert told["refused"] > 0
