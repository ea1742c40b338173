"""How does a list in S3 get here? From a small server that answers as S3 does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imagecrawl.errors import ConfigError
from tests.inputs.writing import COMPRESSIONS, FORMATS, opened, rows_of, urls

BODY = COMPRESSIONS[".gz"](FORMATS["csv"]([{"url": "http://h/a", "caption": "x"}]))


class S3(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, int, bool]] = []
        self.down = False


class Handler(BaseHTTPRequestHandler):
    server: S3

    def do_GET(self) -> None:
        known = self.headers.get("If-None-Match") == '"1"'
        status = 404 if self.path != "/bucket/my%20lists/a.csv.gz" else 304 if known else 200
        status = 403 if self.server.down else status
        signed = "AWS4" in self.headers.get("Authorization", "")
        self.server.seen.append((self.path, status, signed))
        body = BODY if status == 200 else b""
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    with S3() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield server
        server.shutdown()


def test_a_list_in_s3_is_fetched_once(s3, tmp_path):
    for _ in range(2):
        (table,) = opened("s3://bucket/my lists/a.csv.gz", tmp_path)
        assert urls(rows_of(table)) == ["http://h/a"]
    s3.down = True  # the copy is used
    assert opened("s3://bucket/my lists/a.csv.gz", tmp_path)
    path = "/bucket/my%20lists/a.csv.gz"
    assert s3.seen == [(path, 200, True), (path, 304, True), (path, 403, True)]


def test_without_keys_it_is_asked_for_as_a_public_one(s3, tmp_path, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert opened("s3://bucket/my lists/a.csv.gz", tmp_path)
    assert [signed for _, _, signed in s3.seen] == [False]


@pytest.mark.parametrize("spec", ["s3://bucket/gone.csv", "s3://bucket", "s3://"])
def test_a_list_that_is_not_there(s3, tmp_path, spec):
    with pytest.raises(ConfigError, match=f"the list at {spec} cannot be read: ") as caught:
        opened(spec, tmp_path)
    assert "\n" not in str(caught.value)
