"""Which arguments does the spider take, and are they right?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from imagecrawl.errors import ConfigError
from imagecrawl.images.limits import formats_of
from imagecrawl.inputs.urls import BadUrl, check_url
from imagecrawl.outcomes import chosen_reasons
from imagecrawl.policies.shard import Shard, parse_shard

_NEXT_URL = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)")


class Follow(str, Enum):
    """Which links of a page are followed."""

    NONE = "none"
    NEXT = "next"
    SITE = "site"


class Variants(str, Enum):
    """Which of the sizes of a picture are fetched."""

    BEST = "best"
    ALL = "all"


class ImagesParams(BaseModel):
    """The arguments of ``scrapy crawl images``, each given as ``-a NAME=VALUE``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    urls: str | tuple[str, ...] | None = Field(
        None, description="lists of image URLs: files, patterns, '-', or addresses"
    )
    start_urls: tuple[str, ...] = Field((), description="pages whose images are wanted")
    url_column: str | None = Field(None, description="the column of the list that has the URLs")
    name_column: str | None = Field(None, description="the column with the names to store by")
    follow: Follow = Field(Follow.NONE, description="links to follow: none, next or site")
    depth: int | None = Field(None, ge=0, description="how many links deep; unlimited if not given")
    max_pages: int | None = Field(None, ge=1, description="how many pages at most")
    allow: str | None = Field(None, description="follow only links this regular expression finds")
    deny: str | None = Field(None, description="and none that this one finds")
    sitemap: tuple[str, ...] = Field((), description="sitemaps, or robots.txt files that name some")

    variants: Variants = Field(Variants.BEST, description="sizes of a picture: best or all")
    css: bool = Field(False, description="read the style sheets that pages link, too")
    formats: str | None = Field(None, description="formats wanted: jpeg,png,webp ...")
    min_width: int | None = Field(None, ge=0, description="in pixels")
    min_height: int | None = Field(None, ge=0, description="in pixels")
    max_aspect: float | None = Field(None, ge=0, description="longer side by shorter, at most")
    min_bytes: int | None = Field(None, ge=0, description="of the file")
    max_bytes: int | None = Field(None, ge=0, description="of the file")
    image_allow: str | None = Field(None, description="only image URLs it finds")
    image_deny: str | None = Field(None, description="no image URL it finds")

    job: str | None = Field(None, description="name of the job")
    restart: bool = Field(False, description="forget what the job knows, and start afresh")
    shard: str | None = Field(None, description="the share of this node: 1/3, 2/3 or 3/3")

    retry_failed: str | None = Field(
        None, description="run again what failed: all, or reasons: reset,http_429,host_down ..."
    )

    @field_validator("start_urls", "sitemap", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        # A comma is legal in a URL: only one with a new URL behind it separates.
        return tuple(one.strip() for one in _NEXT_URL.split(value) if one.strip())

    @field_validator("start_urls", "sitemap")
    @classmethod
    def _check(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            try:
                check_url(url)
            except BadUrl as error:
                raise ValueError(error.detail) from None
        return value

    @field_validator("allow", "deny", "image_allow", "image_deny")
    @classmethod
    def _pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return value

    @field_validator("formats")
    @classmethod
    def _formats(cls, value: str | None) -> str | None:
        formats_of((value or "").split(",") if value else ())
        return value

    @field_validator("retry_failed")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None:
            chosen_reasons(value)
        return value

    @field_validator("shard")
    @classmethod
    def _shard(cls, value: str | None) -> str | None:
        return str(parse_shard(value)) if value is not None else None

    @property
    def share(self) -> Shard | None:
        return parse_shard(self.shard) if self.shard is not None else None

    @property
    def has_input(self) -> bool:
        return bool(self.urls or self.start_urls or self.sitemap)

    @property
    def follows(self) -> bool:
        return self.follow is not Follow.NONE


def parse_params(arguments: Mapping[str, Any]) -> ImagesParams:
    """Return the checked *arguments*; raise :exc:`ConfigError` with one line for what is wrong.

    Names with a leading underscore are not the user's (Scrapyd passes ``_job``).
    """
    given = {name: value for name, value in arguments.items() if not name.startswith("_")}
    try:
        params = ImagesParams.model_validate(given)
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors()))
        raise ConfigError(" ".join(problems.split())) from None
    for problem, message in _contradictions(params):
        if problem:
            raise ConfigError(message)
    return params


def _contradictions(params: ImagesParams) -> Iterator[tuple[bool, str]]:
    """Yield what does not go together: whether it is so, and what to say then."""
    pages = bool(params.start_urls or params.sitemap)
    yield (
        bool(params.urls) and pages,
        "urls= and start_urls= or sitemap= exclude each other: give one of them",
    )
    yield (
        bool(params.url_column or params.name_column) and not params.urls,
        "url_column= and name_column= go with urls=: they name columns of a list",
    )
    yield (
        params.restart and params.retry_failed is not None,
        "restart= and retry_failed= exclude each other: give one of them",
    )
    yield (
        params.follows and bool(params.urls),
        "follow= goes with start_urls= or sitemap=: a list of images has no links",
    )
    yield (
        params.depth is not None and not params.follows,
        "depth= needs follow=next or follow=site",
    )
    for name in ("max_pages", "allow", "deny"):
        given = getattr(params, name) is not None and not params.follows
        yield given, f"{name}= is about links: it needs follow=next or follow=site"
    yield params.css and bool(params.urls), "css= is about pages: it goes with start_urls="


def _problem(error: ErrorDetails) -> str:
    name = str(error["loc"][0]) if error["loc"] else "arguments"
    if error["type"] == "extra_forbidden":
        known = list(ImagesParams.model_fields)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}=?" if near else f"there are {', '.join(known)}"
        return f"unknown argument {name}=: {hint}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{name}={error['input']!r}: {message}"
