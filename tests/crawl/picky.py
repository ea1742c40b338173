"""Pipelines of a user's: what they drop was not stored."""

from __future__ import annotations

import asyncio
from typing import Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem


class DropsTheFirst:
    """Drops ``/0.jpg``, be it an item or its record already."""

    def process_item(self, item: Any) -> Any:
        if ItemAdapter(item)["url"].endswith("/0.jpg"):
            raise DropItem("not this one")
        return item


class DropsTheFirstLate(DropsTheFirst):
    """Has the others with the same content come in meanwhile."""

    async def process_item(self, item: Any) -> Any:
        await asyncio.sleep(0.3)
        return super().process_item(item)


class FailsTheFirst(DropsTheFirst):
    """Has a mistake that shows with ``/0.jpg``."""

    def process_item(self, item: Any) -> Any:
        try:
            return super().process_item(item)
        except DropItem as error:
            raise ZeroDivisionError from error
