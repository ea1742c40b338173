"""Which arguments does the spider take, and are they right?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.urls import BadUrl, check_url
from imagecrawl.outcomes import chosen_reasons

_NEXT_URL = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)")


class Follow(str, Enum):
    """Which links of a page are followed."""

    NONE = "none"
    NEXT = "next"
    SITE = "site"


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
    job: str | None = Field(None, description="name of the job")
    restart: bool = Field(False, description="forget what the job knows, and start afresh")

    retry_failed: str | None = Field(
        None, description="run again what failed: all, or reasons: reset,http_429,host_down ..."
    )

    @field_validator("start_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        # A comma is legal in a URL: only one with a new URL behind it separates.
        return tuple(one.strip() for one in _NEXT_URL.split(value) if one.strip())

    @field_validator("start_urls")
    @classmethod
    def _check(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            try:
                check_url(url)
            except BadUrl as error:
                raise ValueError(error.detail) from None
        return value

    @field_validator("retry_failed")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None:
            chosen_reasons(value)
        return value

    @property
    def has_input(self) -> bool:
        return bool(self.urls or self.start_urls)


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
    if params.urls and params.start_urls:
        raise ConfigError("urls= and start_urls= exclude each other: give one of them")
    if (params.url_column or params.name_column) and not params.urls:
        raise ConfigError("url_column= and name_column= go with urls=: they name columns of a list")
    if params.restart and params.retry_failed is not None:
        raise ConfigError("restart= and retry_failed= exclude each other: give one of them")
    if params.follow is not Follow.NONE and params.urls:
        raise ConfigError("follow= goes with start_urls=: a list of images has no links")
    if params.depth is not None and params.follow is Follow.NONE:
        raise ConfigError("depth= needs follow=next or follow=site")
    return params


def _problem(error: ErrorDetails) -> str:
    name = str(error["loc"][0]) if error["loc"] else "arguments"
    if error["type"] == "extra_forbidden":
        known = list(ImagesParams.model_fields)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}=?" if near else f"there are {', '.join(known)}"
        return f"unknown argument {name}=: {hint}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{name}={error['input']!r}: {message}"
