"""What is the name of a failure, and may it pass?"""

from __future__ import annotations

import errno
import gzip
import socket
import ssl
import zlib
from collections.abc import Callable

import pytest
import scrapy.exceptions as sx
from OpenSSL import SSL
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.utils._compression import _inflate, _unbrotli, _unzstd
from scrapy.utils.gz import gunzip
from service_identity import VerificationError
from twisted.internet import error as tx
from twisted.python.failure import Failure as TxFailure
from twisted.web._newclient import ParseError, RequestTransmissionFailed
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from imagecrawl.errors import AttemptFailed
from imagecrawl.outcomes import Outcome, is_reason
from imagecrawl.policies.failures import (
    Retry,
    causes,
    classify_exception,
    classify_status,
    describe,
)


def caused(outer: BaseException, cause: BaseException) -> BaseException:
    outer.__cause__ = cause
    return outer


def never_received(*reasons: BaseException) -> BaseException:
    """What Scrapy makes of what Twisted makes of a connection that ends without an answer."""
    inner = ResponseNeverReceived([TxFailure(reason) for reason in reasons])
    return caused(sx.DownloadFailedError(str(inner)), inner)


def data_loss(*reasons: BaseException) -> BaseException:
    inner = ResponseFailed([TxFailure(reason) for reason in reasons])
    return caused(sx.ResponseDataLossError("lost"), inner)


def with_winerror(number: int) -> OSError:
    made = OSError("An existing connection was forcibly closed")
    made.winerror = number  # type: ignore[attr-defined]
    return made


def raised(function: Callable[..., object], *args: object) -> BaseException:
    try:
        function(*args)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


SSL_ERROR = SSL.Error([("SSL routines", "", "certificate verify failed")])

PASSING = [
    # as the downloader raises them (facts.md, 1)
    ("refused", sx.DownloadConnectionRefusedError("refused")),
    ("connection", tx.ConnectError("x")),
    ("dns", sx.CannotResolveHostError("no such host")),
    ("timeout", sx.DownloadTimeoutError("http://h/: no byte for 30 s")),
    ("connection", sx.DownloadFailedError("x")),
    ("reset", never_received(tx.ConnectionLost())),
    ("lost", never_received(tx.ConnectionDone())),
    ("reset", never_received(tx.ConnectionDone(), tx.ConnectionLost())),
    ("tls", never_received(SSL_ERROR)),
    ("protocol", never_received(ParseError("bad status line", b"\x80"))),
    (
        "reset",
        caused(sx.DownloadFailedError("x"), RequestTransmissionFailed([tx.ConnectionLost()])),
    ),
    ("truncated", sx.ResponseDataLossError("x")),
    ("truncated", data_loss(tx.ConnectionDone())),
    ("reset", data_loss(tx.ConnectionLost())),
    ("proxy", TunnelError("Could not open CONNECT tunnel with proxy p:1 [502]")),
    # as Twisted raises them
    ("reset", tx.ConnectionLost()),
    ("lost", tx.ConnectionDone()),
    ("refused", tx.ConnectionRefusedError()),
    ("timeout", tx.TimeoutError()),
    ("timeout", tx.TCPTimedOutError()),
    ("dns", tx.DNSLookupError("no such host")),
    ("connection", tx.NoRouteError()),
    ("tls", tx.CertificateError()),
    # the connect() of Twisted, by errno
    ("reset", tx.getConnectError((errno.ECONNRESET, "Connection reset by peer"))),
    ("refused", tx.getConnectError((errno.ECONNREFUSED, "Connection refused"))),
    ("timeout", tx.getConnectError((errno.ETIMEDOUT, "Connection timed out"))),
    ("connection", tx.getConnectError((errno.EHOSTUNREACH, "No route to host"))),
    ("connection", tx.getConnectError((errno.ENETUNREACH, "Network is unreachable"))),
    ("reset", tx.getConnectError(OSError(10054, "forcibly closed"))),
    # Python's own
    ("reset", ConnectionResetError(104, "Connection reset by peer")),
    ("lost", ConnectionAbortedError()),
    ("lost", BrokenPipeError(32, "Broken pipe")),
    ("timeout", TimeoutError()),
    ("dns", socket.gaierror(-2, "Name or service not known")),
    ("connection", OSError("something else")),
    # this machine's own trouble
    ("local", OSError(errno.ENOSPC, "No space left on device")),
    ("local", OSError(errno.EMFILE, "Too many open files")),
    ("local", tx.ConnectBindError(errno.EMFILE, "Too many open files")),
    ("local", FileNotFoundError(errno.ENOENT, "No such file", "/jobs/x/partials/a.part")),
    ("local", PermissionError(errno.EACCES, "Permission denied", "/jobs/x/partials/a.part")),
    ("connection", PermissionError(errno.EACCES, "a firewall's answer to connect()")),
    ("tls", ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")),
    ("tls", ssl.SSLCertVerificationError(1, "certificate has expired")),
    ("tls", SSL_ERROR),
    # bodies that cannot be unpacked, as Scrapy unpacks them
    ("encoding", zlib.error("Error -3")),
    ("encoding", EOFError("Compressed file ended")),
    ("encoding", gzip.BadGzipFile("Not a gzipped file")),
    ("encoding", raised(gunzip, b"no gzip at all")),
    ("encoding", raised(gunzip, b"\x1f\x8b\x08\x00" + b"no gzip at all" * 8)),
    ("encoding", raised(gunzip, b"\x1f\x8b")),
    ("encoding", raised(_inflate, b"no deflate")),
    ("encoding", raised(_unbrotli, b"no brotli" * 9)),
    ("encoding", raised(_unzstd, b"no zstandard" * 9)),
    # deep down
    ("reset", caused(RuntimeError("a"), caused(ValueError("b"), ConnectionResetError()))),
    ("reset", caused(sx.DownloadFailedError("a"), never_received(OSError(10054, "x")))),
    ("dns", caused(sx.DownloadFailedError("a"), socket.gaierror(-3, "try again"))),
]


@pytest.mark.parametrize(("reason", "error"), PASSING, ids=lambda one: str(one)[:40])
def test_connection_failures_may_pass(reason, error):
    failure = classify_exception(error)
    assert failure.reason == reason
    assert failure.retry is Retry.FULL
    assert failure.outcome is Outcome.FAILED
    assert is_reason(failure.reason)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ECONNRESET, "reset"),
        (errno.ECONNABORTED, "lost"),
        (errno.EPIPE, "lost"),
        (errno.ETIMEDOUT, "timeout"),
        (errno.ECONNREFUSED, "refused"),
        (103, "lost"),
        (104, "reset"),
        (110, "timeout"),
        (111, "refused"),
        (10053, "lost"),
        (10054, "reset"),
        (10060, "timeout"),
        (10061, "refused"),
        (10051, "connection"),
        (10065, "connection"),
    ],
)
def test_the_numbers_of_posix_and_winsock(number, reason):
    for error in (
        OSError(number, "x"),
        with_winerror(number),
        never_received(OSError(number, "x")),
    ):
        failure = classify_exception(error)
        assert (failure.reason, failure.retry) == (reason, Retry.FULL)


@pytest.mark.parametrize(
    ("error", "reason", "outcome"),
    [
        (sx.IgnoreRequest("Forbidden by robots.txt"), "robots_txt", Outcome.OPTED_OUT),
        (sx.IgnoreRequest("max redirections reached"), "redirects", Outcome.FAILED),
        (sx.IgnoreRequest("Filtered offsite request to 'h'"), "offsite", Outcome.FILTERED),
        (sx.IgnoreRequest("a component's own idea"), "dropped", Outcome.FILTERED),
        (sx.IgnoreRequest(), "dropped", Outcome.FILTERED),
        (sx.DownloadCancelledError("9 bytes > 5"), "too_large", Outcome.FILTERED),
        (sx.UnsupportedURLSchemeError("ftp"), "unsupported_scheme", Outcome.FAILED),
        (sx.NotSupported("ftp"), "unsupported_scheme", Outcome.FAILED),
        (raised(Request, "javascript:alert(1)"), "invalid_url", Outcome.FAILED),
        (raised(Request, "mailto:a@b.c"), "invalid_url", Outcome.FAILED),
        (raised("\u2603..x".encode, "idna"), "invalid_url", Outcome.FAILED),
        (raised(("a" * 70).encode, "idna"), "invalid_url", Outcome.FAILED),
    ],
    ids=str,
)
def test_what_will_not_pass(error, reason, outcome):
    failure = classify_exception(error)
    assert (failure.reason, failure.outcome, failure.retry) == (reason, outcome, Retry.NO)
    assert is_reason(reason)


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), Exception(), VerificationError([])]
)
def test_what_nobody_knows_is_tried_a_few_times(error):
    failure = classify_exception(error)
    assert (failure.reason, failure.retry) == ("unknown", Retry.FEW)


def test_a_failed_attempt_has_its_name_already():
    failure = classify_exception(AttemptFailed("http_503", "HTTP status 503"))
    assert (failure.reason, failure.detail) == ("http_503", "HTTP status 503")
    assert failure.retry is Retry.FULL


@pytest.mark.parametrize(
    ("status", "retry"),
    [(404, Retry.NO), (403, Retry.NO), (503, Retry.FULL), (429, Retry.FULL), (500, Retry.NO)],
)
def test_statuses(status, retry):
    failure = classify_status(status, frozenset({429, 503}))
    assert (failure.reason, failure.retry) == (f"http_{status}", retry)
    assert failure.detail == f"HTTP status {status}"
    assert failure.outcome is Outcome.FAILED
    assert is_reason(failure.reason)


def test_everything_behind_an_exception_is_looked_at_once():
    first, second = ValueError("1"), ValueError("2")
    first.__cause__, second.__context__ = second, first  # a circle
    assert list(causes(first)) == [first, second]
    lost = tx.ConnectionLost()
    assert lost in list(causes(never_received(lost)))


@pytest.mark.parametrize(("_", "error"), PASSING, ids=lambda one: str(one)[:40])
def test_a_failure_is_described_in_one_line(_, error):
    text = describe(error)
    assert text
    assert "\n" not in text
    assert len(text) <= 300


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(10054, "An existing connection was forcibly closed"), "forcibly closed"),
        (ConnectionResetError(104, "Connection reset by peer"), "reset by peer"),
        (ssl.SSLCertVerificationError(1, "[SSL: X] certificate has expired"), "expired"),
        (SSL_ERROR, "certificate verify failed"),
        (never_received(tx.ConnectionLost("by\npeer")), "by peer"),
        (ValueError("x" * 1000), "xxx"),
    ],
)
def test_a_description_says_what_the_system_said(error, words):
    assert words in describe(error)
