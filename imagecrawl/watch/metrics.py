"""How is a crawl told to Prometheus? Collected when somebody asks, and not before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from scrapy.statscollectors import StatsCollector

from imagecrawl.jobs.job import Job
from imagecrawl.outcomes import Kind

Metric = CounterMetricFamily | GaugeMetricFamily

# By their stat's prefix, below which each has one more word: the label's value.
_COUNTERS = (
    ("imagecrawl_retries", "Attempts that failed, and are made again.", "retry", "reason"),
    ("imagecrawl_failures", "Images that are not to be had.", "images/failed", "reason"),
    ("imagecrawl_host_events", "What the hosts' breakers did.", "hosts", "event"),
)


class CrawlCollector(Collector):
    """The metrics of one crawl, each with the labels ``crawl_job`` and ``spider``.

    Images and pages are those of the job, of all its runs together; the counters (``_total``)
    begin at 0 with each run.
    """

    def __init__(self, job: Job, spider: str, stats: StatsCollector) -> None:
        self._job = job
        self._stats = stats
        self._names = ["crawl_job", "spider"]
        self._values = [job.name, spider]

    def describe(self) -> list[Metric]:
        """Nothing: else everything would be collected once, to see which names there are."""
        return []

    def collect(self) -> Iterator[Metric]:
        frontier = self._job.frontier
        for kind in Kind:
            yield self._by_outcome(kind)
        yield self._gauge("retries_due", "Entries that wait for a time.", frontier.waiting())
        yield self._gauge(
            "hosts_paused", "Hosts left alone now.", len(frontier.host_table.paused())
        )
        stats = self._stats.get_stats()
        yield self._counter("bytes", "Bytes of images.", stats.get("imagecrawl/bytes", 0))
        yield self._counter("outages", "Network outages.", stats.get("imagecrawl/outages", 0))
        for name, text, prefix, label in _COUNTERS:
            yield self._by_label(name, text, label, _below(stats, f"imagecrawl/{prefix}/"))

    def _by_outcome(self, kind: Kind) -> GaugeMetricFamily:
        tally = self._job.frontier.tally()
        text = f"{kind.value.capitalize()}s of the job by their outcome; pending has none yet."
        names = [*self._names, "outcome"]
        family = GaugeMetricFamily(f"imagecrawl_{kind.value}s", text, labels=names)
        for outcome, count in tally.outcomes(kind).items():
            family.add_metric([*self._values, outcome.value], count)
        family.add_metric([*self._values, "pending"], tally.pending(kind))
        return family

    def _gauge(self, name: str, text: str, value: float) -> GaugeMetricFamily:
        family = GaugeMetricFamily(f"imagecrawl_{name}", text, labels=self._names)
        family.add_metric(self._values, value)
        return family

    def _counter(self, name: str, text: str, value: float) -> CounterMetricFamily:
        family = CounterMetricFamily(f"imagecrawl_{name}", text, labels=self._names)
        family.add_metric(self._values, value)
        return family

    def _by_label(
        self, name: str, text: str, label: str, values: Mapping[str, float]
    ) -> CounterMetricFamily:
        family = CounterMetricFamily(name, text, labels=[*self._names, label])
        for value, count in sorted(values.items()):
            family.add_metric([*self._values, value], count)
        return family


def _below(stats: Mapping[str, Any], prefix: str) -> dict[str, float]:
    return {name.removeprefix(prefix): n for name, n in stats.items() if name.startswith(prefix)}
