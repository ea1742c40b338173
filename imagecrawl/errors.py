"""Which errors does imagecrawl raise, and who is meant to read them?

Every message is one line that names what is wrong and what to do about it: the ``crawl``
command prints it as it is.
"""

from __future__ import annotations

from scrapy.exceptions import DropItem, IgnoreRequest


class ImagecrawlError(Exception):
    """Base of the errors that a user can do something about."""


class ConfigError(ImagecrawlError, ValueError):
    """A spider argument, an input or a setting that cannot be used."""


class JobError(ImagecrawlError):
    """A job that cannot be opened: in use by another process, or bound to another store."""


class EncodeError(ImagecrawlError, ValueError):
    """A Request that cannot be kept in the frontier; the message names the field."""


class StoreError(ImagecrawlError, DropItem):
    """The store cannot be written to. The crawl stops; what was in work stays pending."""

    def __init__(self, message: str) -> None:
        # Said once, by the pipeline that stops the crawl, and not once an image in work.
        DropItem.__init__(self, message, log_level="DEBUG")


class LedgerError(StoreError):
    """The frontier cannot be written to: the same, for the other half of what is kept."""


class AttemptFailed(IgnoreRequest):
    """One attempt at a request failed in a way that may pass.

    Raised by the retry middleware, read by the frontier, which decides on the next attempt.
    It is an :exc:`IgnoreRequest` so that nobody logs it as an unexpected error. *progress*
    tells that a part of the body has been kept: such an attempt is not counted.
    One that is *doubtful* is tried again only a few times.
    """

    def __init__(
        self, reason: str, detail: str = "", *, progress: bool = False, doubtful: bool = False
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.progress = progress
        self.doubtful = doubtful


class DownloadRefused(IgnoreRequest):
    """A download was stopped, for its first kilobytes say that it is not wanted."""

    def __init__(self, reason: str, detail: str, content_type: str | None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.content_type = content_type


class ImageRejected(DropItem):
    """The body is not a complete image, or not one that is wanted."""

    def __init__(self, reason: str, detail: str = "", content_type: str | None = None) -> None:
        # The frontier logs the failure with its attempt and wait: Scrapy's own line is noise.
        super().__init__(f"{reason}: {detail}" if detail else reason, log_level="DEBUG")
        self.reason = reason
        self.detail = detail
        self.content_type = content_type
