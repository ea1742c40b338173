"""How does a job start afresh, so that no kill at any moment costs what it knew, or knows now?

What the job knows is moved out of the way, and thrown away only when it is certain that the
restarted one can begin. Each step is one rename; the name of the folder that the old things are
in says which job the things beside it belong to:

=================================  =====================================================
``before-restart.part``            to the old one, too: they were being moved, out or back
``before-restart``                 to the restarted one, which has not begun yet
``before-restart.gone-XXXXXXXX``   to the restarted one, which has: these are to be deleted
=================================  =====================================================
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from imagecrawl.jobs.folder import BEFORE, knowledge

_PART = f"{BEFORE}.part"
_GONE = f"{BEFORE}.gone-"


def set_aside(folder: Path) -> None:
    """Begin a restart: keep what the job in *folder* knows until :func:`let_go`."""
    part = folder / _PART
    part.mkdir()
    for path in knowledge(folder):
        path.rename(part / path.name)
    part.rename(folder / BEFORE)


def let_go(folder: Path) -> None:
    """End a restart, if there is one: the job has begun. Raises :exc:`OSError` if it cannot."""
    before = folder / BEFORE
    if before.is_dir():
        before.rename(folder / f"{_GONE}{secrets.token_hex(4)}")
    _sweep(folder)


def restore(folder: Path) -> bool:
    """Undo a restart that could not begin, or was killed before it had; say if there was one."""
    _sweep(folder)
    before, part = folder / BEFORE, folder / _PART
    if before.is_dir():
        forget(folder)
        before.rename(part)
    if not part.is_dir():
        return False
    for path in list(part.iterdir()):
        path.rename(folder / path.name)
    part.rmdir()
    return True


def forget(folder: Path) -> None:
    """Delete what the job in *folder* knows."""
    for path in knowledge(folder):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _sweep(folder: Path) -> None:
    # What is in use elsewhere (NFS, Windows) may stay: it is looked at no more, and the next
    # one who opens the job tries again.
    for path in folder.glob(f"{_GONE}*"):
        shutil.rmtree(path, ignore_errors=True)
