"""What does a Scrapyd node say? The little of its JSON API that is needed here.

https://scrapyd.readthedocs.io/en/stable/api.html; ``scrapyd-client`` cannot ask for the spiders
of one version, which is what tells a bad egg from the good one before it.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from imagecrawl.errors import ImagecrawlError

_TIMEOUT_SECS = 120.0
"""To list its spiders a node starts a process, which loads the whole project."""


class NodeError(ImagecrawlError):
    """The node cannot be asked: nobody listens, it wants a password, or it is no Scrapyd."""


class NodeRefusal(ImagecrawlError):
    """The node has answered ``"status": "error"``; the message is its own."""


@dataclass(frozen=True)
class Node:
    """A Scrapyd at *url*, without a slash at its end."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    def versions(self, project: str) -> list[str]:
        """Return the versions of *project*, the one that new jobs run last."""
        return list(self._ask("listversions", {"project": project})["versions"])

    def spiders(self, project: str, version: str) -> list[str]:
        """Return the spiders of one version. Raises :exc:`NodeRefusal` if it does not load."""
        return list(self._ask("listspiders", {"project": project, "_version": version})["spiders"])

    def remove(self, project: str, version: str) -> None:
        """Take one version back."""
        self._ask("delversion", {"project": project, "version": version}, post=True)

    def _ask(self, name: str, values: dict[str, str], *, post: bool = False) -> dict[str, Any]:
        query = urlencode(values)
        url = f"{self.url}/{name}.json" + ("" if post else f"?{query}")
        request = urllib.request.Request(url, query.encode() if post else None)
        if self.username:
            pair = base64.b64encode(f"{self.username}:{self.password}".encode())
            request.add_header("Authorization", f"Basic {pair.decode()}")
        answer = self._answer(request)
        if answer.get("status") != "ok":
            raise NodeRefusal(str(answer.get("message") or answer))
        return answer

    def _answer(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECS) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            advice = " (is the password right?)" if error.code == 401 else ""
            raise NodeError(f"{self.url} answers {error.code} {error.reason}{advice}") from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise NodeError(f"{self.url} cannot be reached: {reason}") from None
        except ValueError:
            raise NodeError(f"{self.url} does not answer as a Scrapyd does") from None
        if not isinstance(answer, dict):
            raise NodeError(f"{self.url} does not answer as a Scrapyd does")
        return answer
