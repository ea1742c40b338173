"""How does a log look that a machine reads? One JSON object a line (``IMAGECRAWL_LOG_JSON``)."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

FIELDS = ("url", "host", "reason", "attempt", "wait")
"""What a record may have beside its message (``extra=``): ``wait`` is in seconds."""


class JsonFormatter(logging.Formatter):
    """``time`` (UTC), ``level``, ``logger`` and ``message``; of :data:`FIELDS` what is known;
    ``exception`` with the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        # All that a terminal would obey is escaped but for this: JSON has no rule for it.
        return json.dumps(told, default=str).replace("\x7f", "\\u007f")


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
    fields = {name: _finite(value) for name, value in fields.items()}
    # Scrapy's own lines have the request among their arguments.
    if isinstance(record.args, Mapping) and "url" not in fields:
        url = getattr(record.args.get("request"), "url", None)
        fields |= {"url": url} if url else {}
    if "url" in fields and "host" not in fields:
        fields["host"] = _host(fields["url"])
    return fields


def _finite(value: Any) -> Any:
    """Return *value* with text for each number that JSON has not: infinities, and NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, (list, tuple)) else value


def _host(url: object) -> str:
    try:
        return urlsplit(str(url)).netloc.rpartition("@")[2]
    except ValueError:
        return ""
