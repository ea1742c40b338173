"""Which items go through the pipelines?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imagecrawl.images.inspect import ImageFacts
from imagecrawl.outcomes import Outcome


@dataclass(slots=True)
class ImageItem:
    """One downloaded image on its way to the store.

    The callback fills the first part; each pipeline adds what it found out.
    """

    url: str
    body: bytes = field(repr=False)
    page_url: str | None = None
    final_url: str | None = None
    http_status: int = 200
    content_type: str | None = None
    alt: str | None = None
    source: str | None = None
    title: str | None = None
    caption: str | None = None
    position: int | None = None
    robots: list[str] = field(default_factory=list)
    attempts: int = 1
    fetched_at: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    entry_id: int | None = None

    sha256: str = ""
    facts: ImageFacts | None = None
    outcome: Outcome | None = None
    path: str | None = None


class ImageRecord(dict[str, Any]):
    """What is known of a stored image, without its body: the line of the feed and the ledger.

    Keys: ``url``, ``page_url``, ``path`` (below the store, with forward slashes), ``sha256``,
    ``bytes``, ``width`` and ``height`` (pixels, or null), ``format``, ``status`` (``stored``
    or ``duplicate``), ``http_status``, ``attempts``, ``fetched_at`` (UTC, ISO 8601), ``alt``,
    ``title``, ``caption``, ``source`` (where on the page it was named), ``position`` (its place
    among the images of the page, from 1), ``robots`` (what the page and the image's own header
    say to crawlers), ``final_url`` (null unless redirected); then the fields the spider's item had.
    """
