"""Who was the first with this content? Only what is stored is the original of it."""

from __future__ import annotations

from imagecrawl.frontier.database import Database
from imagecrawl.frontier.schema import State

_HASH_BYTES = 16
"""Of the SHA-256: enough to tell 10**15 contents apart, and half the index."""
_DISOWN = f"""DELETE FROM contents WHERE entry IN (
    SELECT id FROM entries WHERE state = {State.READY.value})"""


class Contents:
    """The table ``contents``, and the claims of those that are in work."""

    def __init__(self, db: Database) -> None:
        self._db = db
        # In memory, until it is certain that it is stored: another may yet be the first.
        self._claims: dict[bytes, int] = {}

    def claim(self, content_hash: bytes, entry_id: int) -> bool | None:
        """See :meth:`Frontier.claim`."""
        content = content_hash[:_HASH_BYTES]
        row = self._db.read("SELECT entry FROM contents WHERE hash = ?", (content,)).fetchone()
        if row is None and content in self._claims and entry_id not in self._claims.values():
            return None
        owner = row[0] if row else self._claims.setdefault(content, entry_id)
        return bool(owner == entry_id)

    def keep(self, content_hash: bytes | None, entry_id: int) -> None:
        """Keep the claim: the content is stored."""
        if content_hash is not None:
            values = (content_hash[:_HASH_BYTES], entry_id)
            self._db.write("INSERT OR IGNORE INTO contents VALUES (?, ?)", values)

    def end_claims(self, entry_id: int) -> None:
        """End what was claimed and not kept."""
        for content in [key for key, owner in self._claims.items() if owner == entry_id]:
            del self._claims[content]

    def disown_ready(self) -> None:
        """Take the contents from the entries that are to be asked for again."""
        self._db.write(_DISOWN)
