"""What may a report be written to? A file, which is replaced, or what is written through.

A rename would put a file in the place of ``/dev/stdout``, of a FIFO or of a link.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path

from imagecrawl.errors import JobError

STDOUT = Path("/dev/stdout")
"""Also where there is no such file: what ``-`` means."""
_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"(?:/dev|/proc/(self|\d+))/fd/(\d+)")
_MOST_LINKS = 40


def passes_through(path: Path) -> bool:
    """Tell whether what is written to *path* goes on to somebody, and leaves no file."""
    try:
        return _descriptor(path) is not None or not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def check_output(path: Path) -> None:
    """Raise :exc:`JobError` if nothing can be written to *path*, as far as can be told before."""
    number = _descriptor(path)
    if number is not None:
        _check_open(number, path)
        return
    with contextlib.suppress(OSError):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _refused(path, "it is a folder")
        if stat.S_ISBLK(mode):
            raise _refused(path, "it is a disk")
        if stat.S_ISSOCK(mode):
            raise _refused(path, "it is a socket")


def write_output(path: Path, data: bytes) -> None:
    """Write *data* to *path*: a file, and what a link leads to, is replaced by a rename, so that
    whoever opens it never sees half. Raises :exc:`JobError` if it cannot be written, and
    :exc:`BrokenPipeError` if its reader has seen enough."""
    check_output(path)
    try:
        number = _descriptor(path)
        if number is not None:
            # Not opened a second time: it may be in the middle of a file.
            _write_through(os.dup(number), data)
        elif passes_through(path):
            _write_through(os.open(path, os.O_WRONLY), data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error


def _descriptor(path: Path) -> int | None:
    """Return which of our descriptors *path* names, or a link to it."""
    if path == STDOUT:
        return 1
    for _ in range(_MOST_LINKS):
        place = Path(os.path.realpath(path.parent), path.name)
        if place.as_posix() in _STREAMS:
            return _STREAMS[place.as_posix()]
        match = _DESCRIPTOR.fullmatch(place.as_posix())
        if match and match[1] in (None, "self", str(os.getpid())):
            return int(match[2])
        try:
            path = place.parent / place.readlink()
        except OSError:
            break
    return None


def _check_open(number: int, path: Path) -> None:
    try:
        # What Python has opened is not inherited by others. If we were started with standard output
        # closed, its number is that of another file now, maybe the job's database.
        if os.get_inheritable(number) or os.name == "nt":
            return
    except (OSError, OverflowError):
        pass
    raise _refused(path, "it is not open")


def _write_through(number: int, data: bytes) -> None:
    with os.fdopen(number, "wb") as file:
        file.write(data)


def _replace(path: Path, data: bytes) -> None:
    if path.is_symlink():  # links in a ring lead nowhere
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _refused(path: Path, why: str) -> JobError:
    return JobError(f"the report cannot be written to {path}: {why}")
