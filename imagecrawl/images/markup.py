"""Is a body text, and if so is it HTML, SVG, other XML, JSON or plain text?"""

from __future__ import annotations

import codecs
import re

_BLANK = re.compile(rb"[\s\x00]*")
_NAME = rb"[A-Za-z_][\w.-]*"
_TAG = re.compile(rb"<(?:" + _NAME + rb":)?(" + _NAME + rb")?")
_DOCTYPE = re.compile(rb"<!doctype\s+(?:" + _NAME + rb":)?(" + _NAME + rb")", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PROLOG_WORD = b"<!doctype"

_HTML_TAGS = frozenset(
    b"html head body script style title meta link base div span p br hr a b i u em strong h1 h2 "
    b"h3 h4 h5 h6 table tr td ul ol li form iframe frameset img font center pre noscript section "
    b"main header footer nav article".split()
)


def as_utf8(body: bytes) -> bytes:
    """Return *body* in UTF-8 without a byte order mark, if it is UTF-16 or UTF-8 text.

    XML 1.0, appendix F: a byte order mark, or else how ``<`` looks. A last character of which
    a byte is missing is left out, so that it does not end the name it may belong to.
    """
    if body[:3] == b"\xef\xbb\xbf":
        return body[3:]
    codec = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(body[:2])
    if codec is None:
        codec = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(body[:2])
    if codec is None:
        return body
    decoder = codecs.getincrementaldecoder(codec)("replace")
    return decoder.decode(body).encode("utf-8", "replace")


def text_kind(body: bytes) -> str:
    """Return ``html``, ``SVG``, ``prolog``, ``xml ...``, ``json``, ``text`` or ``unknown``."""
    text = as_utf8(body)
    at = _skip_blank(text, 0)
    first = text[at : at + 1]
    if first == b"<":
        return _markup_kind(text, at)
    if _CONTROL.search(text, 0, 1024) or _undecodable(text[:1024]):
        return "unknown"
    return "json" if first in (b"{", b"[") else "text"


def _undecodable(text: bytes) -> bool:
    """Tell whether *text*, which may have been cut in a character, is not UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start < len(text) - 3
    return False


def _markup_kind(text: bytes, at: int) -> str:
    """Skip what may precede the root tag, and judge by its name."""
    while True:
        at = _skip_blank(text, at)
        if text.startswith(b"<!--", at):
            at = text.find(b"-->", at + 2)
            skip = 3
        elif text.startswith(b"<?", at):
            at = text.find(b"?>", at)
            skip = 2
        else:
            return _root_kind(text, at)
        if at < 0:
            return "prolog"
        at += skip


def _root_kind(text: bytes, at: int) -> str:
    """Judge by the name in the document type declaration or the tag at *at*."""
    rest = text[at : at + 9].lower()
    if rest[:2] == b"<!":
        found = _DOCTYPE.match(text, at)
        if found is None:
            ends = _PROLOG_WORD.startswith(rest) and not text[at + 9 :].strip()
            return "prolog" if ends or b"<!--".startswith(text[at:]) else "xml"
    else:
        found = _TAG.match(text, at)
        if found is None:
            return "prolog" if at >= len(text) else "text"
    if text[found.end() :] in (b"", b":"):  # the name may go on
        return "prolog"
    if found.group(1) is None:
        return "text"
    name = found.group(1).lower()
    if name == b"svg":
        return "SVG"
    return "html" if name in _HTML_TAGS else f"xml {name.decode('latin-1')}"


def _skip_blank(text: bytes, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
