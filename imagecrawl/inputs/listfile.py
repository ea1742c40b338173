"""Where does a list come from, and how does it get here?"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.remote import copy, fetch_list, media_type
from imagecrawl.inputs.rows import ListFile
from imagecrawl.inputs.s3 import fetch_s3
from imagecrawl.inputs.specs import exists, expanded, is_remote
from imagecrawl.policies.backoff import Backoff


class ListInput:
    """One list, or all that a pattern stands for: a path, ``-``, or the ``http(s)://``,
    ``s3://`` or ``file://`` address of a list."""

    def __init__(self, spec: str) -> None:
        self.spec = spec
        self.is_stdin = spec == "-"
        self.is_remote = is_remote(spec)
        self._spool: IO[bytes] | None = None
        self._hash = ""
        if "://" in spec and not self.is_remote and not spec.lower().startswith("file://"):
            scheme = spec.split("://", 1)[0]
            raise ConfigError(f"urls={spec!r}: lists are not read over {scheme}://")

    @property
    def is_local(self) -> bool:
        return not self.is_stdin and not self.is_remote

    @property
    def is_absolute(self) -> bool:
        """Whether it is the same list wherever it is named."""
        return "://" in self.spec or self.spec.startswith("~") or Path(self.spec).is_absolute()

    def path(self) -> Path:
        """Return the absolute path of a local list, or of a pattern."""
        if self.spec.lower().startswith("file://"):
            return Path(url2pathname(urlsplit(self.spec).path)).absolute()
        try:
            return Path(self.spec).expanduser().absolute()
        except RuntimeError as error:  # ~nobody
            raise ConfigError(f"urls={self.spec!r}: {error}") from None

    def remembered(self) -> str:
        """Return the list as it can be named again, in another folder too."""
        return str(self.path()) if self.is_local else self.spec

    def identity(self) -> str:
        """Return what names the list, wherever the command is typed: for standard input its
        content, which is read for that."""
        if self.is_stdin:
            self._read_stdin()
            return f"stdin:{self._hash}"
        return self.remembered()

    def files(self) -> list[ListFile]:
        """Return the files of a local list: several if it is a pattern, and no file's name."""
        path = self.path()
        if exists(path) or not (paths := expanded(path)):
            # However its path is written, it is the same list: a cursor knows it by this one.
            return [ListFile(path, self.spec, str(path), path.name)]
        return [ListFile(one, str(one), str(one), one.name) for one in paths]

    def fetch(
        self, folder: Path, user_agent: str, backoff: Backoff, *, reread: bool
    ) -> list[ListFile]:
        """Return the list as files: copies in *folder*, unless it is local.

        With *reread* false, standard input is not asked: the copy in *folder* is used.
        Raises :exc:`ConfigError` if the list is not to be had.
        """
        if self.is_local:
            return self.files()
        if self.is_stdin:
            path = folder / "stdin.txt"
            if reread:
                self._keep_stdin(path)
            return [ListFile(path, self.spec, self.spec)]
        path = folder / f"list-{hashlib.sha256(self.spec.encode()).hexdigest()[:12]}.txt"
        if self.spec.lower().startswith("s3://"):
            fetch_s3(self.spec, path)
        else:
            fetch_list(self.spec, path, user_agent, backoff)
        name = PurePosixPath(unquote(urlsplit(self.spec).path)).name
        return [ListFile(path, self.spec, self.spec, name, media_type(path))]

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
