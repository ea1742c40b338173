"""Where do the bytes go on this machine, and how do they get there whole?"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imagecrawl.errors import ConfigError, StoreError
from imagecrawl.stores.named import holds, publish


def store_root(uri: str | os.PathLike[str] | None, home: Path | None = None) -> Path:
    """Return the absolute folder that ``IMAGES_STORE`` names: a path or a ``file://`` URI.

    A relative path is one below *home*, or else below the current folder. Raises
    :exc:`ConfigError` for anything else.
    """
    text = os.fspath(uri) if uri else ""
    if not text:
        raise ConfigError("IMAGES_STORE is empty: set it to the folder for the images")
    if "://" in text:
        parts = urlsplit(text)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise ConfigError(f"IMAGES_STORE={text!r}: only a local folder can be a store so far")
        text = unquote(parts.path)
    try:
        return ((home or Path()) / Path(text).expanduser()).absolute()
    except RuntimeError as error:  # ~nobody
        raise ConfigError(f"IMAGES_STORE={text!r}: {error}") from None


def check_writable(root: Path) -> None:
    """Raise :exc:`ConfigError` if *root* cannot be made or written; leaves nothing there."""
    there = root
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise ConfigError(f"IMAGES_STORE={str(root)!r} cannot be written: {there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"IMAGES_STORE={str(root)!r} cannot be written: no permission in {there}")
    try:  # permission is not all: /proc, a full disk
        tempfile.TemporaryDirectory(prefix=".imagecrawl-", dir=there).cleanup()
    except OSError as error:
        raise ConfigError(f"IMAGES_STORE={str(root)!r} cannot be written: {error}") from error


class LocalStore:
    """Files below a folder, each written under a temporary name and then renamed.

    A rename replaces at once or not at all (``os.replace``: POSIX and Windows), so under its
    final name a file is complete at every moment. Temporary files live in a folder of the
    job's own on the same file system; what a killed run has left there is swept by the next.
    """

    def __init__(self, root: Path, job: str) -> None:
        self.root = root
        self._temporary = root / ".part" / job
        self._made: set[Path] = set()
        self._naming = threading.Lock()

    def open(self) -> None:
        """Make the folders and sweep; raises :exc:`ConfigError` where that is not possible."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary.mkdir(parents=True)
            probe = self._temporary / "probe"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise ConfigError(
                f"IMAGES_STORE={str(self.root)!r} cannot be written: {error.strerror}"
            ) from error

    def save(self, path: str, body: bytes, tag: object) -> bool:
        """Write *body* to *path* below the root; False where just these bytes are there already.

        *tag* tells apart the writers of the same content. Raises :exc:`StoreError`.
        """
        final = self.root / path
        temporary = self._temporary / f"{final.name}.{tag}"
        try:
            if holds(final, body):
                return False
            if final.parent not in self._made:
                final.parent.mkdir(parents=True, exist_ok=True)
                self._made.add(final.parent)
            temporary.write_bytes(body)
            temporary.replace(final)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise StoreError(f"{final} cannot be written: {error.strerror}") from error
        return True

    def save_as(self, paths: Sequence[str], body: bytes, tag: object) -> str:
        """Write *body* to the first of *paths* that is free or has just these bytes; return it.
        The last one must belong to this content alone.

        What is there is never replaced, so two contents that want the same name both survive,
        and who comes again finds his own. Raises :exc:`StoreError`.
        """
        *wanted, last = paths
        temporary = self._temporary / f"named.{tag}"
        try:
            temporary.write_bytes(body)
            with self._naming:  # of two threads that find a name free, one gets it
                for path in wanted:
                    if holds(self.root / path, body) or publish(temporary, self.root / path):
                        return path
        except OSError as error:
            problem = error.strerror
            raise StoreError(f"{self.root / wanted[0]} cannot be written: {problem}") from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        self.save(last, body, tag)
        return last

    def close(self) -> None:
        """Remove the temporary folder."""
        shutil.rmtree(self._temporary, ignore_errors=True)
        with contextlib.suppress(OSError):  # other jobs may have theirs there
            self._temporary.parent.rmdir()
