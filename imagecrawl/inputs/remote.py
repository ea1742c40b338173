"""How does a list that lies elsewhere get here: over HTTP, or from standard input?"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO

from imagecrawl.errors import ConfigError
from imagecrawl.policies.backoff import Backoff

_CHUNK = 1 << 20
_TRIES = 5
_TIMEOUT_SECS = 30.0
_VALIDATORS = ("If-None-Match", "If-Modified-Since")
_MEDIA_TYPE = "Content-Type"
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


def fetch_list(url: str, path: Path, user_agent: str, backoff: Backoff) -> None:
    """Bring the list at *url* to *path*, unless it is there and has not changed.

    Asks with the validators of the copy that is there (RFC 9110, section 13); tries again with
    *backoff* whatever may pass. Raises :exc:`ConfigError` when it is not to be had and there is
    no copy; with a copy, that is used. Blocking: called before the crawl starts.
    """
    validators = path.with_name(path.name + ".json")
    rng = random.Random()
    problem = ""
    for attempt in range(1, _TRIES + 1):
        try:
            return _fetch(url, path, validators, user_agent)
        except urllib.error.HTTPError as error:
            if error.code == 304:
                return None
            problem = f"HTTP status {error.code}"
            if error.code not in _PASSING:
                break
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = str(getattr(error, "reason", None) or error) or type(error).__name__
        if attempt < _TRIES:
            time.sleep(backoff.wait(attempt, rng))
    if not path.exists():
        raise ConfigError(f"the list at {url} cannot be read: {problem}")
    return None


def _fetch(url: str, path: Path, validators: Path, user_agent: str) -> None:
    headers = {"User-Agent": user_agent, "Accept": "text/plain, */*;q=0.5"}
    if path.exists():
        known = _known(validators)
        headers.update({name: known[name] for name in _VALIDATORS if name in known})
    request = urllib.request.Request(url, headers=headers)
    temporary = path.with_name(path.name + ".part")
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECS) as answer:
        if answer.status == 206:  # nobody has asked for a part
            raise OSError("HTTP status 206, a part of it only")
        with temporary.open("wb") as file:
            size = copy(answer, file)[1]
        promised = answer.headers.get("Content-Length")
        if promised is not None and int(promised) != size:
            raise OSError(f"it ended after {size} of {promised} bytes")
        about = {
            "If-None-Match": answer.headers.get("ETag"),
            "If-Modified-Since": answer.headers.get("Last-Modified"),
            _MEDIA_TYPE: answer.headers.get("Content-Type"),
        }
    temporary.replace(path)
    kept = {name: value for name, value in about.items() if value}
    validators.write_text(json.dumps(kept), encoding="utf-8")


def media_type(path: Path) -> str:
    """Return as what the copy at *path* was sent, "" if nobody has said."""
    return _known(path.with_name(path.name + ".json")).get(_MEDIA_TYPE, "")


def _known(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    pairs = known.items() if isinstance(known, dict) else ()
    return {name: value for name, value in pairs if isinstance(value, str)}


def copy(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    """Copy *source* to *target*; return the SHA-256 (hex) and the size of what was copied."""
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
    return digest.hexdigest(), size
