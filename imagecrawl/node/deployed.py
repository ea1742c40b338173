"""Is what has been deployed what the node runs, and does it load there?"""

from __future__ import annotations

import re
from collections.abc import Collection

from imagecrawl.errors import ImagecrawlError
from imagecrawl.node.api import Node, NodeRefusal

_ERROR = re.compile(r"(imagecrawl: error:|[\w.]+(Error|Exception|Interrupt)\b)")


class BadVersion(ImagecrawlError):
    """The version that the node runs is not one that works; it may be taken back."""

    def __init__(self, version: str, problem: str) -> None:
        super().__init__(f"version {version}: {problem}")
        self.version = version


class OtherSpiders(BadVersion):
    """The version loads, but its spiders are not those that are meant."""


class WrongVersion(ImagecrawlError):
    """The node runs another version than the one that is meant, or none."""


def check_deployed(
    node: Node, project: str, spiders: Collection[str] | None, version: str | None = None
) -> str:
    """Return the version of *project* that *node* runs, which has been made to load there.

    Raises :exc:`BadVersion` if it does not load, :exc:`OtherSpiders` if it has not just these
    *spiders* (``None``: it may have any);
    :exc:`WrongVersion` if *version* is given, and new jobs would run another.
    """
    versions = node.versions(project)
    if not versions:
        raise WrongVersion(f"the node has no project {project!r}")
    newest = versions[-1]
    if version is not None and stored_name(version) != newest:
        there = stored_name(version) in versions
        raise WrongVersion(
            f"new jobs would run version {newest}, "
            + ("which the node takes for newer than" if there else "and the node does not have")
            + f" {version}: the versions are {', '.join(versions)}"
        )
    try:
        found = node.spiders(project, newest)
    except NodeRefusal as error:
        raise BadVersion(newest, f"the node cannot load it: {last_error(str(error))}") from None
    if spiders is not None:
        _compare(newest, set(found), set(spiders))
    return newest


def _compare(version: str, found: set[str], wanted: set[str]) -> None:
    missing, strange = sorted(wanted - found), sorted(found - wanted)
    if missing:
        raise OtherSpiders(version, f"the spiders {', '.join(missing)} are not in it")
    if strange:
        raise OtherSpiders(
            version,
            f"it has spiders that this project has not: {', '.join(map(repr, strange))} "
            "(what a module prints when it is imported, Scrapyd takes for a spider)",
        )


def take_back(node: Node, project: str, version: str) -> str:
    """Remove a bad *version*; return what the node does now, in words."""
    node.remove(project, version)
    left = node.versions(project)
    if not left:
        return f"{version} has been removed, and no other is there"
    try:
        node.spiders(project, left[-1])
    except NodeRefusal as error:
        return (
            f"{version} has been removed; the one before, {left[-1]}, does not load either: "
            f"{last_error(str(error))}"
        )
    return f"{version} has been removed, and the node goes on with {left[-1]}"


def stored_name(version: str) -> str:
    """Return how Scrapyd's egg storage writes *version*: 1.2.0 becomes 1_2_0.

    That is no version by PEP 440 any more, so all of a project are sorted as text then, and
    1_10_0 comes before 1_9_0. Plain numbers (the default of ``scrapyd-deploy``) stay numbers.
    """
    return re.sub(r"[^A-Za-z0-9_-]", "_", version)


def last_error(message: str) -> str:
    """Return the line that says it all in what the node answers: mostly a whole traceback."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    return (errors or lines or ["no reason given"])[-1]
