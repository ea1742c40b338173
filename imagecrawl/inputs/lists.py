"""All the lists of a crawl: are they there, and which tables are they?"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.listfile import ListInput
from imagecrawl.inputs.rows import UNREADABLE, ListFile
from imagecrawl.inputs.specs import split_lists
from imagecrawl.inputs.table import Table, Wanted, open_table
from imagecrawl.policies.backoff import Backoff

logger = logging.getLogger(__name__)


class Lists:
    """What ``urls=`` names: one list or several, each with a cursor of its own."""

    def __init__(self, urls: str | Sequence[str], wanted: Wanted) -> None:
        self._inputs = [ListInput(spec) for spec in split_lists(urls)]
        self._wanted = wanted
        if sum(one.is_stdin for one in self._inputs) > 1:
            raise ConfigError("standard input, '-', can be read only once: urls= has it twice")

    def identity(self) -> str | list[str]:
        """Return what names the lists, wherever the command is typed."""
        return _one_or_all([one.identity() for one in self._inputs])

    def remembered(self) -> str | list[str]:
        """Return the lists as they can be named again, in another folder too."""
        return _one_or_all([one.remembered() for one in self._inputs])

    def check(self) -> None:
        """Raise :exc:`ConfigError` for what can be told wrong without asking another machine."""
        local = [one for one in self._inputs if one.is_local]
        self._tables((file for one in local for file in one.files()), local == self._inputs)

    def check_on_node(self) -> None:
        """Raise :exc:`ConfigError` for a list that is not the same one wherever it is named."""
        for one in self._inputs:
            if not one.is_absolute:
                raise ConfigError(
                    f"urls={one.spec!r} means nothing to Scrapyd: name a list by its http(s)://, "
                    "s3:// or file:// address, or by its absolute path on the node"
                )

    def local_tables(self) -> list[Table]:
        """Return all that there is to read, where there is no folder to keep a copy in."""
        far = next((one.spec for one in self._inputs if not one.is_local), None)
        if far is not None:
            raise ConfigError(f"urls={far!r} is read only with IMAGECRAWL_FRONTIER_ENABLED")
        return self._tables((file for one in self._inputs for file in one.files()), True)

    def tables(self, folder: Path, agent: str, backoff: Backoff, *, reread: bool) -> list[Table]:
        """Return all that there is to read; what is not a local file is brought to *folder*.

        With *reread* false, standard input is not asked: the copy in *folder* is used.
        Raises :exc:`ConfigError` if a list cannot be read, lacks a column that the user has
        named, or if there is not a single row.
        """
        files = (
            file
            for one in self._inputs
            for file in one.fetch(folder, agent, backoff, reread=reread)
        )
        return self._tables(files, True)

    def _tables(self, files: Iterable[ListFile], complete: bool) -> list[Table]:
        tables: dict[str, Table] = {}
        empty = []
        for file in files:
            table = _opened(file, self._wanted)
            if table is None:
                empty.append(file.spec)
            else:  # a list that is named twice is one
                tables.setdefault(file.source, table)
        if complete and not tables:
            raise ConfigError(f"urls={','.join(empty)!r} has no line with a URL")
        headed = any(table.columns.url for table in tables.values())
        if complete and self._wanted.named and not headed:
            raise ConfigError(f"{self._wanted.named}: the list has no columns, but a URL a line")
        if tables and empty:
            logger.warning("%s: no line with a URL", ", ".join(empty))
        return list(tables.values())


def _opened(file: ListFile, wanted: Wanted) -> Table | None:
    try:
        return open_table(file, wanted)
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"urls={file.spec!r} cannot be read: {reason}") from None
    except ConfigError as error:
        raise ConfigError(f"urls={file.spec!r}: {error}") from None


def _one_or_all(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names
