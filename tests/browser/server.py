"""A server that has every page, every style sheet, and a picture for whatever else is asked for."""

from __future__ import annotations

import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.browser.pageset import PAGES, all_pages

_SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><defs>
<filter id="f"><feOffset dx="1"/></filter><mask id="m"><rect width="9" height="9"/></mask></defs>
<g id="icon-a"><rect width="9" height="9"/></g><g id="icon-b"><rect width="8" height="8"/></g></svg>
"""
# What a request for a document, a script, a font or a film is answered with is of no interest.
_PICTURES = frozenset(("image", "object", "embed"))


def png(width: int, height: int) -> bytes:
    """Return a grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


class PageServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1; ``destinations`` tells what each URL was asked for as.

    The words are those of ``Sec-Fetch-Dest``: https://www.w3.org/TR/fetch-metadata/.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.destinations: dict[str, str] = {}
        self.pages = {page.path: page for page in all_pages()}
        self.picture = png(320, 240)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> PageServer:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that is closed leaves its connections."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PageServer

    def do_GET(self) -> None:
        destination = self.headers.get("Sec-Fetch-Dest", "")
        url = f"http://{self.headers.get('Host', '')}{self.path}"
        self.server.destinations[url] = destination
        status, headers, body = self._answer(self.path.partition("?")[0], destination)
        self.send_response(status)
        # Every page is to ask for all that it shows.
        headers |= {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, destination: str) -> tuple[int, dict[str, str], bytes]:
        if destination == "document" and path in self.server.pages:
            page = self.server.pages[path]
            return 200, page.headers, page.body
        sheet = PAGES / "css" / path.rpartition("/")[2]
        if destination == "style" and sheet.is_file():
            return 200, {"Content-Type": "text/css"}, sheet.read_bytes()
        if destination in _PICTURES and not path.endswith(".swf"):
            if path.endswith(".svg"):
                return 200, {"Content-Type": "image/svg+xml"}, _SVG
            return 200, {"Content-Type": "image/png"}, self.server.picture
        return 404, {"Content-Type": "text/html"}, b"<p>not here"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""
