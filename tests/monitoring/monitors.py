"""Is a crawl that has ended one to be glad of? An example of a Spidermon suite."""

from __future__ import annotations

from typing import Any, ClassVar

from spidermon import Monitor, MonitorSuite, monitors

MOST_FAILED = 0.1


def images(stats: dict[str, Any], outcome: str) -> int:
    return int(stats.get(f"imagecrawl/images/{outcome}", 0))


@monitors.name("images")
class ImagesMonitor(Monitor):
    @monitors.name("some images were stored")
    def test_some_images(self) -> None:
        stats = self.data.stats
        got = images(stats, "stored") + images(stats, "duplicate")
        nothing_new = not images(stats, "failed") and not images(stats, "pending")
        self.assertTrue(got or nothing_new, "not a single image")

    @monitors.name("few failed")
    def test_failure_rate(self) -> None:
        stats = self.data.stats
        failed, stored = images(stats, "failed"), images(stats, "stored")
        share = failed / max(1, failed + stored)
        self.assertLessEqual(share, MOST_FAILED, f"{failed} of {failed + stored} failed")

    @monitors.name("everything is accounted for")
    def test_accounting(self) -> None:
        self.assertTrue(self.data.stats.get("imagecrawl/accounting/balanced"))


class CrawlSuite(MonitorSuite):
    monitors: ClassVar = [ImagesMonitor]
