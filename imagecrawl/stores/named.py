"""How does a file get a name that may be taken?"""

from __future__ import annotations

import errno
import os
from pathlib import Path

_NO_NAME = frozenset(
    {
        *(errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
        *(errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ),
    }
)
"""What is wrong with a name, and not with the store."""


def holds(path: Path, body: bytes) -> bool:
    """Tell whether *path* is a file of just these bytes."""
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except OSError:
        return False


def publish(temporary: Path, final: Path) -> bool:
    """Give *temporary* the name *final*; False if that is taken, or cannot be the name of a file
    (a part of it is one already, or it is too long)."""
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists():
            return False
        try:
            os.link(temporary, final)  # unlike a rename, it replaces nothing, whoever else writes
        except (FileExistsError, FileNotFoundError, NotADirectoryError):
            raise
        except OSError:  # a file system without links
            temporary.replace(final)
    except OSError as error:
        if error.errno in _NO_NAME:
            return False
        raise
    return True
