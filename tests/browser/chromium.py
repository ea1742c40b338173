"""What does Chromium load of a page, with scripts off, in a tall window?

``--dump-dom`` and ``--screenshot`` are no help: since the new headless mode they are scripts in a
page of their own, and end without a word where scripts are off. The DevTools protocol says all
that they would, and who asked for each picture.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

from tests.browser.pipe import DevToolsPipe
from tests.browser.server import PageServer

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # A sandboxed frame would be a page of its own, of which the pipe says nothing.
    "--disable-features=IsolateSandboxedIframes",
    # The preload scanner guesses ahead of the parser, and asks for some that are never shown.
    "--blink-settings=scriptEnabled=false,doHtmlPreloadScanning=false",
    "--remote-debugging-pipe",
)
# As the protocol has them: an ``object`` with an SVG file is a document.
_KINDS = ("Image", "Document", "Other")
QUIET_SECS = 0.4
# Tall enough for all pages to be in view.
_WINDOW = {"width": 1400, "height": 20000, "deviceScaleFactor": 1, "mobile": False}


@dataclass
class Loaded:
    """The addresses of the pictures that a browser asked for on one page."""

    images: list[str] = field(default_factory=list)
    """What the page itself names: elements, ``style`` attributes and blocks, ``srcdoc``."""
    sheets: list[str] = field(default_factory=list)
    """What only linked or imported style sheets name."""
    parts: list[str] = field(default_factory=list)
    """SVG files of which one element is used (``use``, ``filter``, ``mask``): not pictures."""


@dataclass
class Traffic:
    """What the browser says of one page while it is loading."""

    loader: str
    loaded: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)

    def take(self, event: dict[str, Any]) -> None:
        """Take notice of an event."""
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(params)
            self.pending.add(params["requestId"])
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self.pending.discard(params["requestId"])
        elif method == "Page.lifecycleEvent" and params["loaderId"] == self.loader:
            self.loaded |= params["name"] == "load"


def find_chromium() -> str:
    """Return the path of the browser, or say what to install."""
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError(
        f"no Chromium: none of {', '.join(_NAMES)} is on the PATH. On Debian and Ubuntu: "
        "apt-get install chromium"
    )


class Chromium:
    """A headless Chromium that visits the pages of a :class:`PageServer`."""

    def __init__(self, server: PageServer) -> None:
        self._server = server

    def __enter__(self) -> Chromium:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        hosts = f"--host-resolver-rules=MAP * 127.0.0.1:{self._server.port}"
        folder = f"--user-data-dir={self._profile.name}"
        self._pipe = DevToolsPipe([find_chromium(), *_FLAGS, hosts, folder, "about:blank"])
        target = self._pipe.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._pipe.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._call("Network.enable")
        self._call("Page.enable")
        self._call("Page.setLifecycleEventsEnabled", enabled=True)
        self._call("Emulation.setDeviceMetricsOverride", **_WINDOW)
        return self

    def __exit__(self, *args: object) -> None:
        self._pipe.close()
        self._profile.cleanup()

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._pipe.call(method, self._session, **params)

    def visit(self, url: str, timeout: float = 30) -> Loaded:
        """Return what is loaded of the page at *url* until nothing more is asked for."""
        self._call("Page.navigate", url="about:blank")
        self._pipe.forget_events()
        loader = self._call("Page.navigate", url=url)["loaderId"]
        traffic = Traffic(loader)
        deadline = time.monotonic() + timeout
        while not traffic.loaded:
            traffic.take(self._pipe.event(deadline))
        known = -1
        while len(traffic.requests) > known and time.monotonic() < deadline:
            known = len(traffic.requests)
            # Backgrounds are asked for when the page is laid out, which this waits for.
            self._call("Page.getLayoutMetrics")
            with contextlib.suppress(TimeoutError):
                while True:
                    quiet = 5 if traffic.pending else QUIET_SECS
                    traffic.take(self._pipe.event(time.monotonic() + quiet))
        return self._sorted(url, traffic.requests)

    def _sorted(self, page: str, requests: list[dict[str, Any]]) -> Loaded:
        sheets = {r["request"]["url"] for r in requests if r["type"] == "Stylesheet"}
        loaded = Loaded()
        for request in requests:
            url = request["request"]["url"]
            # ``url(#x)`` asks for the page itself, as a picture.
            if url == page or not self._is_picture(request["type"], url):
                continue
            initiator = request["initiator"]
            if request["type"] == "Other":
                # Without an initiator it is the icon of the window: a browser's own choice.
                loaded.parts += [url] if initiator["type"] != "other" else []
            elif initiator.get("url") in sheets:
                loaded.sheets.append(url)
            else:
                loaded.images.append(url)
        seen = {*loaded.images}
        return Loaded(sorted(seen), sorted({*loaded.sheets} - seen), sorted({*loaded.parts} - seen))

    def _is_picture(self, kind: str, url: str) -> bool:
        # What the server was not asked for, was not loaded: ``http://no host/``, and URLs with
        # a password, which Chromium refuses.
        destination = self._server.destinations.get(url)
        return destination in ("object", "embed", "image") and kind in _KINDS
