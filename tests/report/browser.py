"""A real Chromium that opens a report from disk, with scripts on."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.browser.chromium import QUIET_SECS, find_chromium
from tests.browser.pipe import DevToolsPipe

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--remote-debugging-pipe",
)
_COMPLAINTS = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")


class ReportBrowser:
    """Opens reports; tells what was asked for, and what went wrong."""

    def __enter__(self) -> ReportBrowser:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder = f"--user-data-dir={self._profile.name}"
        self._pipe = DevToolsPipe([find_chromium(), *_FLAGS, folder, "about:blank"])
        target = self._pipe.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._pipe.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Network", "Page", "Log", "Runtime", "Accessibility"):
            self.call(f"{domain}.enable")
        self.requests: list[str] = []
        self.complaints: list[dict[str, Any]] = []
        return self

    def __exit__(self, *args: object) -> None:
        self._pipe.close()
        self._profile.cleanup()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._pipe.call(method, self._session, **params)

    def open(self, path: Path, width: int = 1280, scheme: str = "light", height: int = 900) -> None:
        """Open *path* in a window of *width* x *height* pixels, in the colour *scheme*."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self._pipe.forget_events()
        self.requests.clear()
        self.complaints.clear()
        self.call("Page.navigate", url=path.as_uri())
        self.wait_for("document.readyState == 'complete'")

    def run(self, script: str) -> Any:
        """Return what *script* evaluates to, a promise's result included."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Wait until *script* is true."""
        deadline = time.monotonic() + 30
        while not self.run(script):
            assert time.monotonic() < deadline, script
            time.sleep(0.02)

    def settle(self) -> None:
        """Take notice of everything until nothing more happens."""
        with contextlib.suppress(TimeoutError):
            while True:
                event = self._pipe.event(time.monotonic() + QUIET_SECS)
                if event["method"] == "Network.requestWillBeSent":
                    self.requests.append(event["params"]["request"]["url"])
                elif event["method"] in _COMPLAINTS:
                    self.complaints.append(event["params"])

    def nodes(self) -> list[tuple[str, str]]:
        """Return the role and the name of everything a screen reader meets."""
        tree = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in tree
            if not node["ignored"] and "role" in node
        ]

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and let go of *key*: its name, as ``KeyboardEvent.key`` has it."""
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=8 if shift else 0,
            )
