"""Is this text the URL of something that can be fetched over HTTP?"""

from __future__ import annotations

import pytest

from imagecrawl.inputs.urls import BadUrl, check_url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://example.com/a.jpg?x=1&y=%20#z",
        "HTTP://EXAMPLE.COM/",
        "http://user:pw@example.com:8080/",
        "http://127.0.0.1:1/",
        "http://[::1]:8080/a",
        "http://caf\xe9.example/\u732b.jpg",
        "http://example.com/a b.jpg",
        "http://example.com/a,b;c|d",
        "http://localhost/",
        "http://a_b.example/",
        "http://example.com./",
        f"http://{'a' * 63}.example/",
        "http://example.com:/x",
        "http://example.com/" + "x" * 5_000,
    ],
)
def test_good_urls(url):
    assert check_url(url) == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no URL"),
        ("cat.jpg", "needs http:// or https://"),
        ("/images/cat.jpg", "needs http://"),
        ("//example.com/cat.jpg", "needs http://"),
        ("www.example.com", "needs http://"),
        ("example.com:80/x", "needs http://"),
        ("localhost:8000/x", "needs http:// or https:// before it"),
        ("localhost:8000", "before it"),
        ("://x", "is no URL"),
        ("http:", "no usable host"),
        ("http://", "no usable host"),
        ("http:///a.jpg", "no usable host"),
        ("http:a.jpg", "no usable host"),
        ("http://@/", "no usable host"),
        ("http://:80/", "no usable host"),
        ("http://a:0/", "no usable host"),
        ("http://a b/", "no usable host"),
        ("http://..invalid/", "no usable host"),
        ("http://a..b/x.jpg", "no usable host"),
        (f"http://{'a' * 64}.example/", "no usable host"),
        ("http://" + "\xe9" * 60 + ".example/", "no usable host"),
        (f"http://{'a.' * 128}/", "no usable host"),
        ("http://a,http://b", "http://a,http://b"),
        ("http://{host}/", "no usable host"),
        ("http://<host>/", "no usable host"),
        ("http://a:99999/", "ort"),
        ("http://a:b/", "ort"),
        ("http://[::1", "IPv6"),
        ("http://ex\u2100mple.com/", "NFKC"),
        ("caf\xe9", "is no URL"),
    ],
)
def test_bad_urls(text, words):
    with pytest.raises(BadUrl) as caught:
        check_url(text)
    assert caught.value.reason.value == "invalid_url"
    assert words in caught.value.detail
    assert "\n" not in caught.value.detail


@pytest.mark.parametrize(
    "text", ["ftp://h/a.jpg", "data:image/png;base64,xx", "file:///a.jpg", "s3://b/k", "mailto:a@b"]
)
def test_other_schemes(text):
    with pytest.raises(BadUrl) as caught:
        check_url(text)
    assert caught.value.reason.value == "unsupported_scheme"
    assert text.partition(":")[0] in caught.value.detail


def test_the_detail_is_short_and_one_line():
    for text in ("x" * 10_000, "a\nb", "http://" + "," * 5_000):
        with pytest.raises(BadUrl) as caught:
            check_url(text)
        assert len(caught.value.detail) < 300
        assert "\n" not in caught.value.detail
