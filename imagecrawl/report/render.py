"""How do the facts of a job become one HTML file?

What comes from the web is hostile. Everything is escaped (Jinja2, autoescape); what is to be a link
passes :func:`imagecrawl.report.wording.link`; and the page's Content-Security-Policy lets nothing
run but its own script, and nothing load but ``data:`` images.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from imagecrawl.jobs.again import Commands
from imagecrawl.report import charts, wording
from imagecrawl.report.facts import JobFacts, Tile

_TEMPLATES = "templates"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a report is about."""

    job: str
    spider: str
    store: str
    commands: Commands
    written_at: float


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("imagecrawl.report", _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in (
        "shown",
        "link",
        "brief",
        "shortened",
        "number",
        "size",
        "duration",
        "moment",
        "words",
        "counted",
    ):
        environment.filters[name] = getattr(wording, name)
    return environment


def render(heading: Heading, facts: JobFacts, tiles: list[Tile], stored: int) -> str:
    """Return the report; *tiles* are those of *stored* images."""
    environment = _environment()
    style, script = _source("style.css"), _source("script.js")
    times = facts.timeline
    return environment.get_template("report.html").render(
        heading=heading,
        facts=facts,
        tiles=tiles,
        stored=stored,
        charts=charts.bar_charts(times) if times else [],
        lanes=charts.lanes(times, facts.pauses) if times else [],
        axis=charts.axis(times) if times else [],
        clock=charts.clock,
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
    )


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that allows *style*, *script* and ``data:`` images."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _source(name: str) -> str:
    environment = _environment()
    assert environment.loader is not None
    # The parser makes every newline of an element a line feed, and hashes what it has then.
    return environment.loader.get_source(environment, name)[0].replace("\r\n", "\n")
