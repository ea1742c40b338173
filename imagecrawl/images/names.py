"""Under which path does the store keep an image?"""

from __future__ import annotations

import re

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}\Z")

_LONGEST_NAME = 200
"""Bytes. File systems have 255 for each part; a tag and the extension come behind it."""
_IMAGE_EXTENSION = re.compile(
    r"\.(jpe?g|jfif|png|gif|webp|avif|bmp|tiff?|ico|cur|svg|hei[cf]|jxl|jp2)\Z", re.IGNORECASE
)
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"  # what no file name should have
    r'|[<>:"\\|?*]'  # what no file name on Windows may have
    r"|(?<![^/])/|/\Z"  # an absolute path, and parts without a name
    r"|[. ](?=[. ]*(?:/|\Z))"  # ".", "..", and what Windows cuts off
)
# Device names that Windows keeps for itself, with or without an extension.
_DEVICE = re.compile(
    r"(?<![^/])(?:con|prn|aux|nul|(?:com|lpt)[0-9\xb9\xb2\xb3])(?= *(?:[./]|\Z))", re.IGNORECASE
)


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


def safe_name(name: str) -> str:
    """Return *name* as a path below a folder, legal on every file system, without an image's
    extension.

    A ``/`` makes a folder. Whatever could lead out of it, or is not legal somewhere, is
    replaced by ``_``; at most 200 bytes of UTF-8 are kept, whole characters all.
    """
    name = name.strip()
    if _IMAGE_EXTENSION.search(name, 1):
        name = _IMAGE_EXTENSION.sub("", name)
    name = name.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore")
    name = _DEVICE.sub(lambda match: "_" + match[0][1:], _UNSAFE.sub("_", name))
    return name or "_"


def named_paths(name: str, sha256: str, extension: str) -> tuple[str, str, str]:
    """Return under which paths an image with this *name* may be kept, the best one first.

    The second is for the name that another content has taken. The last, that of its content
    alone, is free whatever else is in the store.
    """
    by_content = image_path(sha256, extension)
    stem = f"full/{safe_name(name)}"
    return f"{stem}.{extension}", f"{stem}~{sha256[:8]}.{extension}", by_content
