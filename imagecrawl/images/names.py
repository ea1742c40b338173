"""Under which path does the store keep an image?"""

from __future__ import annotations

import re

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}\Z")


def image_path(sha256: str, extension: str) -> str:
    """Return ``full/<first two digits>/<sha256>.<extension>``, relative to the store.

    Forward slashes, lower case, and nothing but letters, digits and one dot in the parts:
    legal on every file system, case-insensitive ones included.
    """
    if not _SHA256.match(sha256):
        raise ValueError(f"not a SHA-256 in lower-case hex: {sha256!r}")
    if not _EXTENSION.match(extension):
        raise ValueError(f"not a file extension: {extension!r}")
    return f"full/{sha256[:2]}/{sha256}.{extension}"
