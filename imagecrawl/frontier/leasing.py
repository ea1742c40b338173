"""Which entry of a host is next?"""

from __future__ import annotations

from imagecrawl.frontier.database import Database
from imagecrawl.frontier.entry import Entry, Probe
from imagecrawl.frontier.schema import State
from imagecrawl.outcomes import Kind

_LEASE = f"""UPDATE entries SET state = {State.LEASED.value} WHERE id = (
    SELECT id FROM entries WHERE state = {State.READY.value} AND host = ?
    ORDER BY priority DESC, id LIMIT 1)
    RETURNING id, fingerprint, kind, host, url, request, priority, attempts"""
# A probe. Of those that have failed the nearest to its end comes first; but none again and again,
# for it would run out of attempts while others wait. (`> 0` is what the partial index `tried` has.)
_FAILED = _LEASE.replace(
    "ORDER BY priority DESC, id",
    "AND attempts > 0 AND attempts IN (1, 2) ORDER BY attempts DESC, id",
)
_FRESH = _LEASE.replace("ORDER BY", "AND attempts = 0 ORDER BY")
# The index from its other end; a page may be given where no image is.
_FAR = _LEASE.replace(
    "ORDER BY priority DESC, id",
    f"AND attempts = 0 AND kind = '{Kind.IMAGE.value}' ORDER BY priority, id DESC",
)
_ANY = _LEASE.replace("ORDER BY priority DESC, id", "ORDER BY attempts, id")
_PROBES = {
    Probe.NONE: (_LEASE,),
    Probe.FAILED: (_FAILED, _FRESH, _ANY),
    Probe.FRESH: (_FRESH, _FAILED, _ANY),
    Probe.FAR: (_FAR, _FRESH, _FAILED, _ANY),
}


def lease_one(db: Database, host: str, probe: Probe) -> Entry:
    """Lease an entry of *host*, which must have one that is ready."""
    # All rows are fetched: a statement left unfinished would keep the commit from ending.
    rows = (db.write(sql, (host,)).fetchall() for sql in _PROBES[probe])
    ((id_, fingerprint, kind, host, url, request, priority, attempts),) = next(filter(None, rows))
    return Entry(fingerprint, Kind(kind), host, url, request, priority, attempts, id=id_)
