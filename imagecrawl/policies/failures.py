"""What is the name of a failure, and may it pass?

Pure: an exception or a status goes in, a :class:`Failure` comes out. The built-in
``ConnectionResetError`` hardly ever arrives as such: Twisted wraps it, and Scrapy wraps that
again, so the whole chain of causes is looked at.
"""

from __future__ import annotations

import errno
import gzip
import socket
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import scrapy.exceptions as sx
from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from twisted.internet import error as tx
from twisted.python.failure import Failure as TxFailure

from imagecrawl.errors import AttemptFailed, DownloadRefused
from imagecrawl.outcomes import UNWANTED, Outcome, Reason, http_reason


class Retry(Enum):
    """How much hope there is in another attempt."""

    NO = "no"
    FEW = "few"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: one word, one line of detail, and whether to try again."""

    reason: str
    detail: str = ""
    retry: Retry = Retry.NO
    counted: bool = True
    """Whether the attempt counts: not if it has brought a part of the body, or was not sent."""

    @property
    def outcome(self) -> Outcome:
        """The outcome of an entry for which this failure is final."""
        return _OUTCOMES.get(self.reason, Outcome.FAILED)


_OUTCOMES: dict[str, Outcome] = {
    Reason.ROBOTS_TXT.value: Outcome.OPTED_OUT,
    Reason.OFFSITE.value: Outcome.FILTERED,
    **dict.fromkeys(UNWANTED, Outcome.FILTERED),
    Reason.DROPPED.value: Outcome.FILTERED,
}

# errno of POSIX and, in `winerror` or `errno`, of Winsock (10053 ...), which the users who
# meet "10054" see. The numbers are spelled out: Python has the names on Windows only.
_ERRNOS = {
    errno.ECONNRESET: Reason.RESET,
    errno.ECONNABORTED: Reason.LOST,
    errno.EPIPE: Reason.LOST,
    errno.ETIMEDOUT: Reason.TIMEOUT,
    errno.ECONNREFUSED: Reason.REFUSED,
    errno.EHOSTUNREACH: Reason.CONNECTION,
    errno.ENETUNREACH: Reason.CONNECTION,
    103: Reason.LOST,
    104: Reason.RESET,
    110: Reason.TIMEOUT,
    111: Reason.REFUSED,
    10053: Reason.LOST,
    10054: Reason.RESET,
    10060: Reason.TIMEOUT,
    10061: Reason.REFUSED,
    10051: Reason.CONNECTION,
    10065: Reason.CONNECTION,
}

# Of this machine, and of no host: its disk, its memory, its file descriptors.
_LOCAL_ERRNOS = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EMFILE", "ENFILE", "ENOMEM", "ENOBUFS")
    if hasattr(errno, name)
)

# First match wins: what says most about the cause stands first, the wrappers last.
_CLASSES: tuple[tuple[tuple[type[BaseException], ...], Reason], ...] = (
    ((tx.DNSLookupError, sx.CannotResolveHostError, socket.gaierror), Reason.DNS),
    ((TunnelError,), Reason.PROXY),
    ((SSL.Error, ssl.SSLError, tx.VerifyError, tx.CertificateError), Reason.TLS),
    (
        (tx.ConnectionRefusedError, sx.DownloadConnectionRefusedError, ConnectionRefusedError),
        Reason.REFUSED,
    ),
    (
        (
            tx.TimeoutError,
            tx.TCPTimedOutError,
            sx.DownloadTimeoutError,
            TimeoutError,
            socket.timeout,
        ),
        Reason.TIMEOUT,
    ),
    ((tx.ConnectionAborted,), Reason.HEADERS),  # by us: see scrapy_internals.tame
    ((ConnectionResetError, tx.ConnectionLost), Reason.RESET),
    ((sx.ResponseDataLossError,), Reason.TRUNCATED),
    ((tx.ConnectionDone, ConnectionAbortedError, BrokenPipeError), Reason.LOST),
    ((zlib.error, EOFError, gzip.BadGzipFile), Reason.ENCODING),
    ((tx.ConnectError, OSError), Reason.CONNECTION),
)

_FINAL_CLASSES: tuple[tuple[type[BaseException], Reason], ...] = (
    (sx.DownloadCancelledError, Reason.TOO_LARGE),
    (sx.UnsupportedURLSchemeError, Reason.UNSUPPORTED_SCHEME),
    (sx.NotSupported, Reason.UNSUPPORTED_SCHEME),
    (UnicodeError, Reason.INVALID_URL),  # a host name that IDNA cannot encode
)

# Scrapy has one class for several refusals; its messages are all there is to tell them apart.
_IGNORED = (
    ("Forbidden by robots.txt", Reason.ROBOTS_TXT),
    ("max redirections reached", Reason.REDIRECTS),
    ("Filtered offsite request", Reason.OFFSITE),
    ("exceeded DOWNLOAD_MAXSIZE", Reason.DECOMPRESSION_BOMB),
)

# brotli's and zstandard's errors are classes of optional modules: known by their module.
_CODEC_MODULES = ("brotli", "brotlicffi", "zstandard", "backports.zstd", "compression.zstd")


def causes(exception: BaseException) -> Iterator[BaseException]:
    """Yield *exception* and everything behind it, each once: ``__cause__``, ``__context__``,
    Twisted's ``reasons`` and the ``osError`` of its connection errors."""
    seen: set[int] = set()
    waiting: list[object] = [exception]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, TxFailure):
            one = one.value
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "osError", None)]
        waiting += list(getattr(one, "reasons", None) or ())


def classify_exception(exception: BaseException) -> Failure:
    """Name the failure that *exception* stands for.

    Connection failures may pass (:attr:`Retry.FULL`); what the user, the site or the URL
    itself rules out is final; an exception that nobody knows is tried a few times.
    """
    if isinstance(exception, AttemptFailed):
        if exception.reason == Reason.HOST_DOWN.value:
            return Failure(exception.reason, exception.detail, Retry.NO, counted=False)
        retry = Retry.FEW if exception.doubtful else Retry.FULL
        return Failure(exception.reason, exception.detail, retry, not exception.progress)
    if isinstance(exception, DownloadRefused):
        return classify_body(exception.reason, exception.detail, exception.content_type)
    detail = describe(exception)
    if isinstance(exception, sx.IgnoreRequest):
        reasons = (reason for text, reason in _IGNORED if text in str(exception))
        return Failure(next(reasons, Reason.DROPPED).value, detail)
    if isinstance(exception, ValueError) and "url" in str(exception).lower():
        return Failure(Reason.INVALID_URL.value, detail)  # a redirect to what is none
    for cls, final in _FINAL_CLASSES:
        if isinstance(exception, cls):
            return Failure(final.value, str(exception) or detail)
    reason = _connection_reason(list(causes(exception)))
    if reason is None:
        return Failure(Reason.UNKNOWN.value, detail, Retry.FEW)
    return Failure(reason.value, detail, Retry.FULL)


def _is_local(one: BaseException) -> bool:
    """Tell whether *one* is an error of this machine: it names a file, or what has run out."""
    number = getattr(one, "errno", None) or getattr(one, "osError", None)
    if not isinstance(one, (OSError, tx.ConnectError)):
        return False
    return getattr(one, "filename", None) is not None or number in _LOCAL_ERRNOS


def _connection_reason(chain: list[BaseException]) -> Reason | None:
    if any(_is_local(one) for one in chain):
        return Reason.LOCAL
    for one in chain:
        number = getattr(one, "winerror", None) or getattr(one, "errno", None)
        if isinstance(one, tx.ConnectError) and isinstance(one.osError, int):
            number = one.osError
        elif not isinstance(one, OSError):
            continue
        if number in _ERRNOS:
            return _ERRNOS[number]
    if any(type(one).__name__ == "ParseError" for one in chain):  # Twisted's, and private
        return Reason.PROTOCOL
    for classes, reason in _CLASSES:
        if any(isinstance(one, classes) for one in chain):
            return reason
    if any(type(one).__module__.startswith(_CODEC_MODULES) for one in chain):
        return Reason.ENCODING
    return _of_download(chain)


def _of_download(chain: list[BaseException]) -> Reason | None:
    """Name a failed download for which there is no other word."""
    if not any(isinstance(one, sx.DownloadFailedError) for one in chain):
        return None
    wrappers = (
        isinstance(one, sx.DownloadFailedError) or type(one).__module__ == "twisted.web._newclient"
        for one in chain
    )
    # For headers that make no sense Twisted's parser raises ValueError, KeyError and others.
    return Reason.CONNECTION if all(wrappers) else Reason.PROTOCOL


def classify_status(status: int, retry_codes: frozenset[int]) -> Failure:
    """Name the failure of an HTTP answer that is no success; *retry_codes* may pass."""
    if status < 100:
        return Failure(Reason.PROTOCOL.value, f"HTTP status {status:03}", Retry.FULL)
    retry = Retry.FULL if status in retry_codes else Retry.NO
    return Failure(http_reason(status), f"HTTP status {status}", retry)


def classify_body(reason: str, detail: str, content_type: str | None) -> Failure:
    """Name the failure of a body that is no image, or not one that is wanted.

    An error page under ``image/jpeg`` is a fault that passes. A page that is called a page, or
    another kind of file, is meant by the server: a link that ends in .jpg and leads to a page
    about the picture.
    """
    if reason in UNWANTED:
        return Failure(reason, detail, Retry.NO)
    honest = reason == Reason.HTML.value and "html" in (content_type or "").lower()
    few = honest or reason == Reason.NOT_AN_IMAGE.value
    return Failure(reason, detail, Retry.FEW if few else Retry.FULL)


def describe(exception: BaseException) -> str:
    """Return one line for the log: the innermost message that says something."""
    chain = list(causes(exception))
    for one in reversed(chain):
        text = " ".join(str(one).split())
        if text and not text.startswith("[<"):
            return f"{type(one).__name__}: {text}"[:300]
    return type(chain[-1]).__name__
