"""Untrusted archives, read member by member and never unpacked.

An archive is refused as a whole where it does what no archive of images needs to do: paths that climb out, links,
devices, sparse files, or more bytes than it may have. What is read is bounded, so it costs bounded time and memory.
"""

import gzip
import tarfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, cast

from chainrule.errors import UserError

READ_LIMIT = 2**20  # bytes at once, and of a header that goes on, which tarfile reads whole
CONTENT = (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE)  # members whose size is not that of a header
MEMBER_LIMIT = 100  # members; the honest archives have about ten
DAMAGE = (tarfile.TarError, ValueError, OverflowError, IndexError)  # what tarfile raises of headers that lie


def read_archive(path: Path, wanted: Collection[str], size_limit: int) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield (file name, content) of each member whose file name is wanted, in the order of the archive.

    path: a gzipped tar archive.  size_limit: bytes that it may unpack to.
    Each content must be read before the next is asked for. Raises UserError where the archive is damaged or hostile.
    """
    with open_for_reading(path) as packed, gzip.open(packed) as unpacked:
        stream = cast(IO[bytes], _Bounded(cast(IO[bytes], unpacked), path.name, size_limit))
        try:
            with tarfile.open(fileobj=stream, mode="r:", tarinfo=_Header) as archive:
                for number, member in enumerate(archive):
                    _refuse_hostile(member, path.name, number)
                    if member.size > size_limit:
                        raise UserError(f"{path.name} is refused: it unpacks to more than {size_limit:,} bytes")
                    name = PurePosixPath(member.name).name
                    content = archive.extractfile(member)
                    if content is not None and name in wanted:
                        yield name, content
        except UserError:
            raise
        except _HugeHeader as error:
            raise UserError(f"{path.name} is refused: one of its headers claims {error.args[0]:,} bytes") from error
        except DAMAGE as error:
            raise UserError(f"{path.name} is damaged or is no gzipped tar archive ({error})") from error


def open_for_reading(path: Path) -> IO[bytes]:
    """Open a file that the user named, or that was fetched. Raises UserError where it cannot be opened."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({error.strerror})") from error


def _refuse_hostile(member: tarfile.TarInfo, archive: str, number: int) -> None:
    posix, windows = PurePosixPath(member.name), PureWindowsPath(member.name)
    if posix.is_absolute() or windows.anchor or ".." in windows.parts:
        raise UserError(f"{archive} is refused: its member {member.name!r} points out of the archive")
    if member.issparse() or not (member.isreg() or member.isdir()):
        raise UserError(f"{archive} is refused: its member {member.name!r} is a link, a device or another special file")
    if number >= MEMBER_LIMIT:
        raise UserError(f"{archive} is refused: it has more than {MEMBER_LIMIT} members")


class _HugeHeader(Exception):
    """A header claims this many bytes."""


class _Header(tarfile.TarInfo):
    """A header that is refused before tarfile reads what it claims to go on with."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:  # which tarfile says a subclass may override
        if self.size < 0 or (self.type not in CONTENT and self.size > READ_LIMIT):
            raise _HugeHeader(self.size)
        return super()._proc_member(archive)  # type: ignore[misc]


class _Bounded:
    """The unpacked bytes of an archive, up to a limit; damage to the compression is a UserError."""

    def __init__(self, stream: IO[bytes], archive: str, limit: int) -> None:
        self._stream = stream
        self._archive = archive
        self._limit = limit

    def read(self, size: int) -> bytes:
        self._check(self.tell() + size)
        try:
            return self._stream.read(size)
        except (EOFError, OSError, zlib.error) as error:
            raise UserError(f"{self._archive} is damaged ({error})") from error

    def seek(self, position: int) -> int:
        self._check(position)
        try:
            return self._stream.seek(position)
        except (EOFError, OSError, zlib.error) as error:
            raise UserError(f"{self._archive} is damaged ({error})") from error

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def _check(self, position: int) -> None:
        if position > self._limit:
            raise UserError(f"{self._archive} is refused: it unpacks to more than {self._limit:,} bytes")
