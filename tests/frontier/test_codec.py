"""Does a Request come back as it went in, and is refused what would not?"""

from __future__ import annotations

import collections
import datetime
import enum
import functools
import pickle
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import lxml.html
import msgspec
import pytest
import scrapy
from scrapy import Request, Spider
from scrapy.http import FormRequest, JsonRequest, XmlRpcRequest

from imagecrawl.errors import EncodeError
from imagecrawl.frontier import kept_items
from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.requests import NAMED_CALLBACKS, image_request

URL = "http://h/p"


def logged(method: Any) -> Any:
    @functools.wraps(method)
    def wrapper(self: Any, response: Any) -> Any:
        return ("logged", method(self, response))

    return wrapper


class Shop(Spider):
    name = "shop"

    def parse(self, response: Any) -> str:
        return "parsed"

    def failed(self, failure: Any) -> None: ...

    parse_logged = logged(parse)

    def __hidden(self, response: Any) -> None: ...

    def hidden_request(self) -> Request:
        return Request(URL, callback=self.__hidden)


class SlowRequest(Request):
    attributes = (*Request.attributes, "pace")

    def __init__(self, *args: Any, pace: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pace = pace


class OddRequest(Request):
    """Its defaults are the opposite of a Request's."""

    attributes = (*Request.attributes, "render")

    def __init__(self, *args: Any, render: bool = True, **kwargs: Any) -> None:
        odd = {"method": "POST", "dont_filter": True, "priority": 5}
        super().__init__(*args, **{**odd, **kwargs})
        self.render = render


class Outer:
    class Inner(Request):
        pass


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Point:
    x: int = 1


@dataclass(frozen=True)
class Frozen:
    x: tuple[int, ...]


class Product(scrapy.Item):
    name = scrapy.Field()
    tags = scrapy.Field()


@attrs.define
class Thing:
    x: int


def local_class() -> Any:
    @dataclass
    class Local:
        x: int = 1

    return Local()


@dataclass
class Loud:
    word: str
    calls: ClassVar[list[str]] = []

    def __post_init__(self) -> None:
        self.calls.append(self.word)


def module_function(response: Any) -> None: ...


SPIDER = Shop()
CODEC = RequestCodec(SPIDER, NAMED_CALLBACKS)


def again(request: Request) -> Request:
    return CODEC.decode(CODEC.encode(request))


def facts(request: Request) -> dict[str, Any]:
    names = set(request.attributes) - {"callback", "errback"}
    values = {name: getattr(request, name) for name in names}
    return {**values, "headers": dict(request.headers), "class": type(request)}


@pytest.mark.parametrize(
    "request_",
    [
        Request(URL),
        Request(URL + "#fragment?x=%C3%A9"),
        Request(URL, method="PUT", body=bytes(range(256)), priority=-7, dont_filter=True),
        Request(URL, headers={"X-Many": ["a", "b"], "X-Latin": "caf\xe9", "User-Agent": None}),
        Request(URL, cookies={"a": "1", "b": "2"}),
        Request(URL, cookies=[{"name": "a", "value": "1", "domain": "h", "path": "/x"}]),
        Request("http://h/\xe9?q=\xe9", encoding="latin-1", body="\xe9"),
        Request(URL, meta={"a": None, "b": [1, 2.5, "x", b"y", {"c": True}], "": ""}),
        Request(URL, cb_kwargs={"page": 3, "name": "x"}, flags=["one"]),
        JsonRequest(URL, data={"a": [1, None]}),
        JsonRequest(URL, data={"a": 1}, method="GET", dumps_kwargs={"sort_keys": True}),
        FormRequest(URL, formdata={"a": "1", "b": ["2", "3"]}),
        FormRequest(URL, formdata={"a": "1"}, method="GET"),
        XmlRpcRequest(URL, params=(1, "x"), methodname="m"),
        SlowRequest(URL, pace=3),
        OddRequest(URL),
        OddRequest(URL, method="GET", dont_filter=False, priority=0, render=False),
        image_request(URL, page_url="http://h/", alt="caf\xe9 \U0001f600", fields={"id": 7}),
    ],
    ids=lambda request: f"{type(request).__name__}-{request.method}",
)
def test_a_request_comes_back_as_it_went_in(request_):
    assert facts(again(request_)) == facts(request_)


def test_callbacks_come_back_by_name():
    request = again(Request(URL, callback=SPIDER.parse, errback=SPIDER.failed))
    assert request.callback == SPIDER.parse
    assert request.errback == SPIDER.failed
    assert again(Request(URL)).callback is None


def test_a_callback_that_a_component_brings_along():
    (callback,) = NAMED_CALLBACKS.values()
    assert again(image_request(URL)).callback is callback


def test_a_callback_goes_to_the_spider_of_the_next_run():
    data = CODEC.encode(Request(URL, callback=SPIDER.parse))
    other = Shop()
    assert RequestCodec(other, {}).decode(data).callback == other.parse


def test_a_decorated_method_is_not_taken_for_the_one_it_wraps():
    assert again(Request(URL, callback=SPIDER.parse_logged)).callback == SPIDER.parse_logged


def test_a_private_method_of_the_spider_is_a_method_of_the_spider():
    request = SPIDER.hidden_request()
    assert again(request).callback == request.callback


class Callable:
    __hash__ = None  # type: ignore[assignment]

    def __call__(self, response: Any) -> None: ...


@pytest.mark.parametrize("field", ["callback", "errback"])
@pytest.mark.parametrize(
    "function",
    [
        lambda response: None,
        module_function,
        functools.partial(SPIDER.parse),
        Shop().parse,  # another spider's
        [].append,
        Shop.parse,  # not bound
        Callable(),
    ],
    ids=["lambda", "function", "partial", "other-spider", "other-object", "unbound", "object"],
)
def test_a_callback_that_is_no_method_of_the_spider(field, function):
    functions = {"callback": SPIDER.parse, field: function}
    with pytest.raises(EncodeError, match=f"{field}.* not a method of the spider"):
        CODEC.encode(Request(URL, **functions))


def refused(request: Request) -> str:
    with pytest.raises(EncodeError) as caught:
        CODEC.encode(request)
    message = str(caught.value)
    assert message.startswith(f"<GET {URL}> cannot be kept in the frontier: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "value",
    [
        object(),
        ValueError("x"),
        2**64,
        range(3),
        "\ud800",
        Shop,
        lambda: None,
        {"deep": [object()]},
    ],
    ids=["object", "error", "int", "range", "surrogate", "class", "lambda", "deep"],
)
def test_what_is_no_plain_data_is_refused_by_name(value):
    assert "meta['x'] is not plain data" in refused(Request(URL, meta={"a": 1, "x": value}))
    assert "cb_kwargs['x']" in refused(Request(URL, cb_kwargs={"a": 1, "x": value}))


def test_an_open_file_is_refused_by_name(tmp_path):
    with (tmp_path / "file").open("w") as file:
        assert "meta['file']" in refused(Request(URL, meta={"file": file}))


def test_a_loop_is_refused_by_name():
    loop: list[Any] = []
    loop.append(loop)
    assert "meta['x']" in refused(Request(URL, meta={"x": loop}))


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        frozenset({1}),
        Point(),
        Colour.RED,
        datetime.date(2026, 1, 2),
        datetime.datetime(2026, 1, 2, 3, 4),
        datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc),
        Decimal("1.50"),
        {1: "a", "b": 2},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_come_back_as_something_else_is_refused(value):
    """A set that comes back as a list fails in the callback, far from where it was yielded."""
    try:
        data = CODEC.encode(Request(URL, meta={"x": value}))
    except EncodeError as error:
        assert "meta['x']" in str(error)
    else:
        assert CODEC.decode(data).meta["x"] == value


@pytest.mark.parametrize(
    "value",
    [
        *((1, ("a", [2])), {1, 2}, {(1, 2), ("a",)}, frozenset({1}), {(1, 2): {3}}, {1: (2,)}),
        datetime.date(2026, 1, 2),
        datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
        datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        *(datetime.time(3, 4), datetime.timedelta(-3, 4, 5), Decimal("1.50")),
        *(
            uuid.UUID(int=7),
            Path("a/b"),
            Point(3),
            Thing(4),
            Frozen((1,)),
            Product(name="x", tags={"y"}),
        ),
        [Product()],
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_comes_back_as_it_was(value):
    request = again(Request(URL, meta={"x": value}, cb_kwargs={"y": [value]}))
    for back in (request.meta["x"], request.cb_kwargs["y"][0]):
        assert type(back) is type(value) and back == value
        assert repr(back) == repr(value) or isinstance(value, (set, frozenset))


class Word(str):
    def __str__(self) -> str:
        return "something else"


(LINK_TEXT,) = lxml.html.fromstring("<a>next »</a>").xpath("//a/text()")


@pytest.mark.parametrize(
    ("value", "base"),
    [
        *((LINK_TEXT, "next »"), (Word("x"), "x"), ({Word("x"): Word("y")}, {"x": "y"})),
        (collections.OrderedDict(a=[Word("x")]), {"a": ["x"]}),
        (collections.Counter("aa"), {"a": 2}),
        (type("Many", (list,), {})([1]), [1]),
        (type("Number", (int,), {})(7), 7),
        (type("Number", (float,), {})(7.5), 7.5),
        (type("Bytes", (bytes,), {})(b"x"), b"x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_subclass_comes_back_as_its_base(value, base):
    back = again(Request(URL, meta={"x": value})).meta["x"]
    assert type(back) is type(base) and back == base
    if isinstance(base, dict):
        assert {type(key) for key in back} == {str}


class Kind(str, enum.Enum):
    ROSE = "rose"


class Pair(NamedTuple):
    left: int = 1


def _more_than_its_fields() -> Point:
    point = Point()
    point.hidden = 1  # type: ignore[attr-defined]
    return point


@pytest.mark.parametrize(
    "value",
    [
        *(Kind.ROSE, Colour.RED, Pair(), local_class(), _more_than_its_fields(), {"x": {object()}}),
        *(datetime.datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC")), Point(object()), {2**64}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_come_back_as_less_is_refused_by_name(value):
    assert "meta['x'] is not plain data, but" in refused(Request(URL, meta={"x": value}))


def test_an_item_whose_class_has_changed(monkeypatch):
    data = CODEC.encode(Request(URL, meta={"x": Point()}))
    monkeypatch.delattr(f"{__name__}.Point")
    kept_items._item_class.cache_clear()
    with pytest.raises(EncodeError, match=r"an item \S+\.Point with x"):
        CODEC.decode(data)


def test_no_code_of_an_item_is_run():
    data = CODEC.encode(Request(URL, meta={"x": Loud("said")}))
    Loud.calls.clear()
    assert CODEC.decode(data).meta["x"].word == "said"
    assert not Loud.calls


def test_the_history_of_another_request_is_left_behind():
    meta = {
        "retry_times": 3,
        "redirect_times": 1,
        "redirect_urls": [URL],
        "redirect_ttl": 19,
        "redirect_reasons": [302],
        "download_latency": 0.1,
        "frontier_entry": 7,
        "imagecrawl_cursor": object(),
        "cursor": "of the spider's own",
        "image": "the same",
        "depth": 2,
    }
    assert again(Request(URL, meta=meta)).meta == {
        "cursor": "of the spider's own",
        "image": "the same",
        "depth": 2,
    }
    assert "imagecrawl_cursor" in meta  # the request that was encoded is as it was


@pytest.mark.parametrize(
    "path",
    [
        "builtins.dict",
        "collections.OrderedDict",
        "os.system",
        "os.path",
        "no.such.module.Request",
        "scrapy.http.NoSuchRequest",
        "nodots",
        7,
    ],
)
def test_what_is_no_request_class_is_refused(path):
    data = msgspec.msgpack.encode({"url": URL, "_class": path})
    with pytest.raises(EncodeError) as caught:
        CODEC.decode(data)
    assert str(path).rpartition(".")[2] in str(caught.value)


def test_bytes_that_are_no_request_are_refused():
    with pytest.raises(EncodeError):
        CODEC.decode(b"\xff\x00")


def test_a_request_class_that_cannot_be_found_again_is_refused_at_once():
    class Local(Request):
        pass

    assert "Local" in refused(Local(URL))


def test_a_request_class_inside_another_class():
    try:
        data = CODEC.encode(Outer.Inner(URL))
    except EncodeError:
        return
    assert type(CODEC.decode(data)) is Outer.Inner


def test_a_method_that_the_spider_has_no_more():
    data = CODEC.encode(Request(URL, callback=SPIDER.failed))

    class Renamed(Spider):
        name = "shop"

    with pytest.raises(EncodeError, match=r"'failed'.*'shop' does not have"):
        RequestCodec(Renamed(), {}).decode(data)


def test_nothing_is_pickled():
    class Bomb:
        def __reduce__(self) -> Any:
            raise AssertionError("pickled")

    refused(Request(URL, meta={"x": Bomb()}))
    with pytest.raises(ValueError):
        CODEC.decode(pickle.dumps({"url": URL}))
