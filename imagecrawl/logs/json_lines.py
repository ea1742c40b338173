"""How does a log look that a machine reads? One JSON object a line (``IMAGECRAWL_LOG_JSON``)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from imagecrawl import scrapy_internals

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
        return json.dumps(told, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
    # Scrapy's own lines have the request among their arguments.
    if isinstance(record.args, Mapping) and "url" not in fields:
        url = getattr(record.args.get("request"), "url", None)
        fields |= {"url": url} if url else {}
    if "url" in fields and "host" not in fields:
        fields["host"] = _host(fields["url"])
    return fields


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def use_json_lines(settings: BaseSettings) -> None:
    """Let Scrapy's handler write JSON lines from here on, if *settings* say so: the one that is
    there, and those to come (Scrapy makes another for each crawl)."""
    if not settings.getbool("IMAGECRAWL_LOG_JSON"):
        return
    scrapy_internals.format_logs_with(JsonFormatter)
    handler = get_scrapy_root_handler()
    if handler is not None:
        handler.setFormatter(JsonFormatter())
