"""Where does ``urls=LIST`` point, and can it be read?"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.remote import copy, fetch_list
from imagecrawl.inputs.urllist import UNREADABLE, read_lines
from imagecrawl.policies.backoff import Backoff


class ListInput:
    """One list: a path, ``-``, or the ``http(s)://`` or ``file://`` address of a list."""

    def __init__(self, spec: str) -> None:
        self.spec = spec
        self.is_stdin = spec == "-"
        self.is_remote = spec.lower().startswith(("http://", "https://"))
        self._spool: IO[bytes] | None = None
        self._hash = ""
        if "://" in spec and not self.is_remote and not spec.lower().startswith("file://"):
            scheme = spec.split("://", 1)[0]
            raise ConfigError(f"urls={spec!r}: lists are not read over {scheme}://")

    @property
    def is_local(self) -> bool:
        return not self.is_stdin and not self.is_remote

    def path(self) -> Path:
        """Return the absolute path of a local list."""
        if self.spec.lower().startswith("file://"):
            return Path(url2pathname(urlsplit(self.spec).path)).absolute()
        try:
            return Path(self.spec).expanduser().absolute()
        except RuntimeError as error:  # ~nobody
            raise ConfigError(f"urls={self.spec!r}: {error}") from None

    @property
    def source(self) -> str:
        """What the job knows the list by: however its path is written, it is the same list."""
        return str(self.path()) if self.is_local else self.spec

    def identity(self) -> str:
        """Return what names the list, wherever the command is typed: for standard input its
        content, which is read for that."""
        if self.is_stdin:
            self._read_stdin()
            return f"stdin:{self._hash}"
        return self.spec if self.is_remote else str(self.path())

    def fetch(self, folder: Path, user_agent: str, backoff: Backoff, *, reread: bool) -> Path:
        """Return the path of a local copy, in *folder* unless the list is a local file.

        With *reread* false, standard input is not asked: the copy in *folder* is used.
        Raises :exc:`ConfigError` if the list cannot be read or has no line.
        """
        if self.is_stdin:
            path = folder / "stdin.txt"
            if reread:
                self._keep_stdin(path)
        elif self.is_remote:
            name = hashlib.sha256(self.spec.encode()).hexdigest()[:12]
            path = folder / f"list-{name}.txt"
            fetch_list(self.spec, path, user_agent, backoff)
        else:
            path = self.path()
        check_list(path, self.spec)
        return path

    def _read_stdin(self) -> None:
        if self._spool is None:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - kept until the job has its folder
            self._hash, _ = copy(sys.stdin.buffer, self._spool)

    def _keep_stdin(self, path: Path) -> None:
        if path.exists() and self._spool is None and sys.stdin.isatty():
            return  # resumed by hand: nothing is piped in, and nothing is needed
        self._read_stdin()
        assert self._spool is not None
        with self._spool:
            if path.exists() and self._same(path):
                return
            self._spool.seek(0)
            temporary = path.with_name(path.name + ".part")
            with temporary.open("wb") as file:
                shutil.copyfileobj(self._spool, file)
            temporary.replace(path)

    def _same(self, path: Path) -> bool:
        """Tell whether standard input holds nothing, or just what was kept before."""
        assert self._spool is not None
        self._spool.seek(0, 2)
        if self._spool.tell() == 0:
            return True
        with path.open("rb") as file:
            return hashlib.sha256(file.read()).hexdigest() == self._hash


def check_list(path: Path, spec: str) -> None:
    """Raise :exc:`ConfigError` if the list at *path* cannot be read or holds nothing."""
    try:
        if next(iter(read_lines(path)), None) is None:
            raise ConfigError(f"urls={spec!r} has no line with a URL")
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"urls={spec!r} cannot be read: {reason}") from None
