"""Half a file and the rest of it, when others want its place or the disk does not want."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Headers, Response

from imagecrawl.handlers.resume import OtherHalfRefused, Resumption
from imagecrawl.stores.partials import PartialStore

ONE, OTHER = "a" * 40, "b" * 40
MOST = 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> PartialStore:
    return PartialStore(tmp_path / "partials", MOST)


def headers(total: int, tag: str, start: int | None = None) -> Headers:
    made = {"Content-Length": str(total - (start or 0)), "ETag": f'"{tag[0]}"'}
    if start is not None:
        made["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
    return Headers(made)


def asked(store: PartialStore, key: str = ONE) -> Resumption:
    return Resumption(store, lambda _: bytes.fromhex(key), 1_000, Request(f"http://h/{key[0]}"))


def keep(store: PartialStore, key: str = ONE, total: int = 600_000, came: int = 300_000) -> None:
    """Let the first *came* of *total* bytes come, and no more."""
    download = asked(store, key)
    assert not download.ask()
    download.headers(headers(total, key))
    download.data(b"x" * came)
    assert download.cut() > 0
    download.end()


def test_a_half_whose_rest_is_asked_for_is_not_evicted(store: PartialStore) -> None:
    keep(store)
    rest = asked(store)
    assert rest.ask()
    greedy = asked(store, OTHER)
    greedy.ask()
    greedy.headers(headers(900_000, OTHER))  # there is no room for both: it is not kept
    rest.headers(headers(600_000, ONE, 300_000))
    rest.data(b"y" * 300_000)
    whole = rest.whole(Response("http://h/a", status=206, body=b"y" * 300_000))
    assert whole.body == b"x" * 300_000 + b"y" * 300_000
    rest.end()
    greedy.end()
    keep(store, OTHER, 900_000)  # now there is


def test_a_half_that_was_asked_for_in_vain_may_be_evicted_afterwards(store: PartialStore) -> None:
    keep(store)
    rest = asked(store)
    assert rest.ask()
    rest.end()
    keep(store, OTHER, 900_000)
    assert store.resume(ONE) is None


def test_a_new_version_takes_the_place_of_a_half(store: PartialStore) -> None:
    keep(store)
    download = asked(store)
    assert download.ask()
    download.headers(headers(700_000, "c"))
    download.data(b"z" * 400_000)
    assert download.cut() == 100_000  # more than ever before
    download.end()
    kept = store.resume(ONE)
    assert kept is not None and kept.read() == b"z" * 400_000


def test_a_half_that_is_gone_is_asked_for_anew(store: PartialStore) -> None:
    """And it is no failure of the host's."""
    keep(store)
    rest = asked(store)
    assert rest.ask()
    store.data(ONE).unlink()
    rest.headers(headers(600_000, ONE, 300_000))
    rest.data(b"y" * 300_000)
    with pytest.raises(OtherHalfRefused):
        rest.whole(Response("http://h/a", status=206, body=b"y" * 300_000))
    rest.forget()
    rest.end()
    keep(store, came=400_000)


def test_a_file_that_cannot_be_opened_holds_no_place(store: PartialStore) -> None:
    keep(store)
    rest = asked(store)
    assert rest.ask()
    store.data(ONE).unlink()
    rest.headers(headers(600_000, ONE, 300_000))
    rest.data(b"y" * 70_000)
    assert rest.cut() == 0
    rest.end()
    keep(store, came=400_000)


def test_a_small_image_is_not_looked_up(
    store: PartialStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is its key made, nor the disk asked for it, as long as nothing is cut."""
    looked_up: list[str] = []

    def fingerprint(request: Request) -> bytes:
        looked_up.append(request.url)
        return bytes.fromhex(ONE if request.url.endswith("a") else OTHER)

    def come(name: str, body: bytes, total: int) -> bool:
        download = Resumption(store, fingerprint, 1_000, Request(f"http://h/{name}"))
        asked_for_rest = download.ask()
        download.headers(headers(total, name))
        download.data(body)
        if len(body) == total:
            download.whole(Response(f"http://h/{name}", body=body))
        else:
            download.cut()
        download.end()
        return asked_for_rest

    assert not come("b", b"x" * 999, 999)
    assert looked_up == []
    assert not come("a", b"x" * 300_000, 600_000)
    assert looked_up == ["http://h/a"]  # once, by whoever keeps something
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} has been read"))
    assert not come("b", b"x" * 999, 999)
    monkeypatch.undo()
    assert come("a", b"x" * 600_000, 600_000)  # another version of it, whole
    del looked_up[:]
    assert not come("b", b"x" * 999, 999)
    assert looked_up == []
