"""How does a server misbehave, and what does its client see?

One small function per fault, in ``FAULTS``. A fault gets the :class:`Exchange` of one
request, sends what it likes, and returns how the connection goes on (:class:`End`).
To add one, write the function under ``@_fault``: its name is the name of the fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from imagecrawl.demo.exchange import End, Exchange, phrase

DRIP_SECONDS = 0.5

Fault = Callable[[Exchange], End]
FAULTS: dict[str, Fault] = {}


def _fault(function: Fault) -> Fault:
    FAULTS[function.__name__] = function
    return function


def find_fault(name: str) -> Fault:
    """Return the fault of this name.

    ``status_NNN`` and ``retry_after_N`` exist for every number.
    """
    if name in FAULTS:
        return FAULTS[name]
    if match := re.fullmatch(r"status_([2-5]\d\d)", name):
        return partial(status, code=int(match[1]))
    if match := re.fullmatch(r"retry_after_(\d+)", name):
        return partial(status, code=429, headers={"Retry-After": match[1]})
    raise ValueError(f"no such fault: {name!r}")


def describe(name: str) -> str:
    """Return in a few words what the fault of this name does."""
    fault = find_fault(name)
    if isinstance(fault, partial):
        code = fault.keywords["code"]
        return f"{code} {phrase(code)}"
    return re.split(r"[;:.]", fault.__doc__ or name)[0]


def status(exchange: Exchange, code: int, headers: dict[str, str] | None = None) -> End:
    """Answer with a small HTML page of this status; the connection stays open."""
    return exchange.answer(error_page(code), "text/html", code, headers)


def error_page(code: int) -> bytes:
    """Return the small HTML page of a status."""
    title = f"{code} {phrase(code)}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return page.encode()


@_fault
def ok(exchange: Exchange) -> End:
    """No fault: the healthy answer. For a list in which the faults come later."""
    resource = exchange.resource
    return exchange.answer(resource.body, resource.content_type, resource.status, resource.headers)


# The connection is reset.


@_fault
def reset_before(exchange: Exchange) -> End:
    """RST, before any byte of an answer."""
    return End.RESET


@_fault
def reset_headers(exchange: Exchange) -> End:
    """RST in the middle of the header block."""
    exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
    return exchange.reset()


@_fault
def reset_body(exchange: Exchange) -> End:
    """RST after half the body; the length of all of it was promised."""
    exchange.start(exchange.length)
    exchange.send_body(exchange.half)
    return exchange.reset()


@_fault
def reset_chunked(exchange: Exchange) -> End:
    """RST in the middle of a chunk."""
    exchange.start("Transfer-Encoding: chunked")
    exchange.send_body(b"%x\r\n" % len(exchange.resource.body) + exchange.half)
    return exchange.reset()


@_fault
def reset_nolength(exchange: Exchange) -> End:
    """RST after half the body; no length was promised."""
    exchange.keep_alive = False
    exchange.start()
    exchange.send_body(exchange.half)
    return exchange.reset()


# The connection ends too early, in good order.


@_fault
def close_before(exchange: Exchange) -> End:
    """FIN, before any byte of an answer."""
    return End.FIN


@_fault
def close_headers(exchange: Exchange) -> End:
    """FIN in the middle of the header block."""
    exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
    return End.FIN


@_fault
def truncate_length(exchange: Exchange) -> End:
    """FIN after half the body; the length of all of it was promised."""
    exchange.start(exchange.length)
    exchange.send_body(exchange.half)
    return End.FIN


@_fault
def truncate_nolength(exchange: Exchange) -> End:
    """FIN after half the body; no length was promised, so HTTP calls this complete."""
    exchange.keep_alive = False
    exchange.start()
    exchange.send_body(exchange.half)
    return End.FIN


@_fault
def truncate_lying(exchange: Exchange) -> End:
    """Half the body, and the length says so: only the structure of the file can tell."""
    return exchange.answer(exchange.half, exchange.resource.content_type)


@_fault
def chunk_cut(exchange: Exchange) -> End:
    """FIN after a whole chunk of half the body; the last chunk, of size 0, never comes."""
    exchange.start("Transfer-Encoding: chunked")
    exchange.send_body(b"%x\r\n%b\r\n" % (len(exchange.half), exchange.half))
    return End.FIN


# The server is slow, or dead.


@_fault
def stall_before(exchange: Exchange) -> End:
    """No answer at all; the connection stays open."""
    return exchange.silence()


@_fault
def stall_body(exchange: Exchange) -> End:
    """Half the body, then nothing more; the connection stays open."""
    exchange.start(exchange.length)
    exchange.send_body(exchange.half)
    return exchange.silence()


@_fault
def drip(exchange: Exchange) -> End:
    """The body byte by byte, one each half second."""
    body = b"" if exchange.method == "HEAD" else exchange.resource.body
    exchange.start(exchange.length)
    for at in range(len(body) - 1):
        exchange.sock.sendall(body[at : at + 1])
        if exchange.ended.wait(DRIP_SECONDS):
            return End.CLOSE
    exchange.send_last(body[-1:])
    return End.KEEP if exchange.keep_alive else End.FIN


# The answer is whole, and wrong.


@_fault
def empty_200(exchange: Exchange) -> End:
    """200, with a body of no bytes."""
    return exchange.answer(b"", exchange.resource.content_type)


@_fault
def html_200(exchange: Exchange) -> End:
    """200, an HTML error page, said to be a JPEG."""
    return exchange.answer(error_page(503), "image/jpeg")


@_fault
def html_honest_200(exchange: Exchange) -> End:
    """200, an HTML error page, said to be HTML."""
    return exchange.answer(error_page(503), "text/html")


@_fault
def bad_gzip(exchange: Exchange) -> End:
    """200, said to be gzipped; nobody can unpack the body."""
    body = b"\x1f\x8b\x08\x00" + b"no gzip at all" * 8
    return exchange.answer(
        body, exchange.resource.content_type, headers={"Content-Encoding": "gzip"}
    )


@_fault
def garbage(exchange: Exchange) -> End:
    """Bytes which are no HTTP, then FIN."""
    exchange.send_last(bytes(range(128, 256)) + b"\r\n\r\n")
    return End.FIN


@_fault
def redirect_loop(exchange: Exchange) -> End:
    """302 to the very same URL: a loop for as long as the fault is repeated."""
    return status(exchange, 302, {"Location": exchange.path})
