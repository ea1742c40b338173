"""How long does a server ask us to wait?"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,12}\Z")
_FORMS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


def retry_after(value: str | None, date: str | None, now: float) -> float | None:
    """Return the seconds to wait, above 0, that a ``Retry-After`` of *value* asks for.

    RFC 9110 10.2.3: seconds, or an HTTP-date (5.6.7), which is relative to the answer's own
    ``Date`` *date* where there is one, for the server's clock may be wrong; else to *now*, in
    Unix seconds. ``0``, the past and what is neither give ``None``: no wait has been asked for.
    """
    text = (value or "").strip()
    if _SECONDS.match(text):
        return float(text) or None
    until = http_date(text)
    if until is None:
        return None
    sent = http_date((date or "").strip())
    secs = until - (now if sent is None else sent)
    return secs if secs > 0 else None


def http_date(text: str) -> float | None:
    """Return an HTTP-date in any of its three forms as Unix seconds, ``None`` for all else."""
    try:
        parsed = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        parsed = None
    for form in _FORMS if parsed is None else ():
        try:
            parsed = datetime.strptime(text, form)
        except ValueError:
            continue
        break
    if parsed is None:
        return None
    try:
        return parsed.replace(tzinfo=parsed.tzinfo or timezone.utc).timestamp()
    except (OverflowError, ValueError):
        return None
