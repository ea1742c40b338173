"""Which images are on the contact sheet, and how large may it be?"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from imagecrawl.frontier.ledger import Ledger
from imagecrawl.report.facts import Tile
from imagecrawl.report.thumbnails import thumbnail
from imagecrawl.report.wording import MOST_ADDRESS, shortened, shown, weight

MOST_TILES = 2_000
SHEET_BYTES = 3_700_000
"""Of HTML, thumbnails and texts together."""
_TILE_BYTES = 420
_AT_ONCE = 32
# The more images, the smaller: (up to so many, pixels on the longer side).
_SIDES = ((250, 160), (600, 128), (1200, 96), (MOST_TILES, 72))


def contact_sheet(
    ledger: Ledger, store: Path, out_of_time: Callable[[], bool], room: int
) -> tuple[list[Tile], int]:
    """Return tiles of images taken evenly from all of the job, and how many it has in all.

    Ends early, and still evenly, when *out_of_time* or when *room*, in bytes, is used up.
    """
    stored = ledger.stored()
    places = evenly(len(stored), MOST_TILES)
    side = next(side for most, side in _SIDES if len(places) <= most)
    room = min(room, SHEET_BYTES)
    tiles: dict[int, Tile] = {}
    with ThreadPoolExecutor(2, thread_name_prefix="thumbnail") as pool:
        for some in _chunks(spread(places)):
            if out_of_time():
                break
            records = [ledger.record(stored[place]) for place in some]
            made = pool.map(lambda record: _tile(record, store, side, out_of_time), records)
            for place, tile in zip(some, made, strict=True):
                room -= _weight(tile) if tile else 0
                if tile is not None and room >= 0:
                    tiles[place] = tile
            if room < 0:
                break
    return [tiles[place] for place in sorted(tiles)], len(stored)


def evenly(count: int, most: int) -> list[int]:
    """Return at most *most* numbers from ``range(count)``, at equal distances."""
    if count <= most:
        return list(range(count))
    return [number * count // most for number in range(most)]


def spread(places: Sequence[int]) -> list[int]:
    """Return *places* in an order of which every beginning is spread over them all: by the bits
    of their numbers, backwards (van der Corput)."""
    bits = max(len(places) - 1, 1).bit_length()
    order = sorted(range(len(places)), key=lambda number: f"{number:0{bits}b}"[::-1])
    return [places[number] for number in order]


def _chunks(places: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(places), _AT_ONCE):
        yield places[start : start + _AT_ONCE]


def _tile(
    record: dict[str, Any], store: Path, side: int, out_of_time: Callable[[], bool]
) -> Tile | None:
    if out_of_time():
        return None
    tile = _without_picture(record)
    path = store / str(record.get("path"))
    if not path.resolve().is_relative_to(store.resolve()):
        return tile
    small = thumbnail(path, tile.format, side)
    if small is None:
        return tile
    data, width, height = small
    kind = "webp" if data[8:12] == b"WEBP" else "jpeg"
    text = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return replace(tile, thumbnail=text, thumbnail_size=(width, height))


def _without_picture(record: dict[str, Any]) -> Tile:
    return Tile(
        url=shown(str(record.get("url") or ""), MOST_ADDRESS),
        page_url=shown(str(record.get("page_url") or ""), MOST_ADDRESS),
        alt=shown(str(record.get("alt") or "").strip(), 160),
        width=record.get("width"),
        height=record.get("height"),
        format=shown(str(record.get("format") or ""), 12),
        size=record.get("bytes") or 0,
        thumbnail="",
        thumbnail_size=(0, 0),
    )


def _weight(tile: Tile) -> int:
    texts = (tile.url, tile.page_url, shortened(tile.page_url), tile.alt)
    return _TILE_BYTES + sum(map(weight, texts)) + len(tile.thumbnail)
