from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imagecrawl.discovery.addresses import Resolver
from tests.discovery.pages import SITE, images

BASE = "https://example.com/dir/page?q#f"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("a.jpg", "https://example.com/dir/a.jpg"),
        ("/a.jpg", "https://example.com/a.jpg"),
        ("?a", "https://example.com/dir/page?a"),
        ("../a.jpg", "https://example.com/a.jpg"),
        ("../../../a.jpg", "https://example.com/a.jpg"),
        ("./x/./a.jpg", "https://example.com/dir/x/a.jpg"),
        ("x/%2E%2e/a.jpg", "https://example.com/dir/a.jpg"),
        ("x/..", "https://example.com/dir/"),
        ("a//b.jpg", "https://example.com/dir/a//b.jpg"),
        ("/.well-known/a.jpg", "https://example.com/.well-known/a.jpg"),
        ("//cdn.test/a.jpg", "https://cdn.test/a.jpg"),
        ("///cdn.test/a.jpg", "https://cdn.test/a.jpg"),
        ("http://cdn.test/a.jpg", "http://cdn.test/a.jpg"),
        ("HTTP://CDN.test/A.jpg", "http://cdn.test/A.jpg"),
        ("http://cdn.test", "http://cdn.test/"),
        ("http://cdn.test?a", "http://cdn.test/?a"),
        ("https:a.jpg", "https://example.com/dir/a.jpg"),
        ("https:/a.jpg", "https://example.com/a.jpg"),
        ("http:/cdn.test/a.jpg", "http://cdn.test/a.jpg"),
        ("https:\\\\cdn.test\\a.jpg", "https://cdn.test/a.jpg"),
        ("\\a\\b.jpg?c=\\", "https://example.com/a/b.jpg?c=\\"),
        ("a.jpg#f", "https://example.com/dir/a.jpg"),
        (" \n\t/a.jpg \x0c\x01", "https://example.com/a.jpg"),
        ("\x01/a.jpg", "https://example.com/a.jpg"),
        ("/a\n  b\t.j\r\npg", "https://example.com/a%20%20b.jpg"),
        ("/ü ö.jpg", "https://example.com/%C3%BC%20%C3%B6.jpg"),
        ("https://bücher.test/ü.jpg", "https://xn--bcher-kva.test/%C3%BC.jpg"),
        ("/a%20b%zz.jpg", "https://example.com/a%20b%zz.jpg"),
        ("/a[1]|{2}.jpg", "https://example.com/a[1]%7C%7B2%7D.jpg"),
        ("http://localhost:8000/a", "http://localhost:8000/a"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("http://[::1]/a", "http://[::1]/a"),
        ("http://a_b.test/a", "http://a_b.test/a"),
        ("http://u:p@a.test/a", "http://u:p@a.test/a"),
    ],
)
def test_references(reference: str, url: str) -> None:
    assert Resolver(BASE, "utf-8")(reference) == url


@pytest.mark.parametrize(
    "reference",
    [
        *(None, "", " ", "#", "#a", "\t\n", "data:image/gif;base64,R0lG", "blob:https://a.test/1"),
        *(
            "javascript:void(0)",
            "JavaScript:x",
            " java\nscript:x",
            "about:blank",
            "mailto:a@b.test",
        ),
        *("ftp://a.test/a.jpg", "file:///a.jpg", "http://", "http:///", "http://?x", "http://@/a"),
        *(
            "http://[::1/a",
            "http://[x]/a",
            "http://a b/",
            "http://a..b/",
            "http://.a/",
            "http://a:x/",
        ),
        *("http://a:99999/", "http://%00/a", "http://a<b/", f"http://{'a' * 64}.test/", "//"),
        *(f"http://{'a.' * 130}b/", "/\udc80.jpg", "http://\udc80/", "{{ src }}", "/a_{width}.jpg"),
    ],
)
def test_what_means_no_http_url(reference: str | None) -> None:
    assert Resolver(BASE, "utf-8")(reference) is None


@pytest.mark.parametrize(
    ("encoding", "query"),
    [
        ("utf-8", "%C3%BC~%E5%9B%B3"),
        ("utf-16", "%C3%BC~%E5%9B%B3"),
        ("latin-1", "%FC~%26%2322259%3B"),
        ("ascii", "%FC~%26%2322259%3B"),
        ("shift_jis", "%26%23252%3B~%90}"),
    ],
)
def test_a_query_is_in_the_encoding_of_the_page(encoding: str, query: str) -> None:
    assert Resolver(BASE, encoding)("/ü?ü~図") == f"{SITE}/%C3%BC?{query}"


@given(st.text())
@example("http://a.b:c@[]")
def test_any_reference_is_a_safe_url_or_none(reference: str) -> None:
    for text in (reference, "//" + reference, "http://a.test/" + reference):
        url = Resolver(BASE, "utf-8")(text)
        if url is not None:
            assert url.startswith(("http://", "https://"))
            assert "#" not in url and url.isascii() and Resolver(BASE)(url) == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("<base href=/b/>", "https://example.com/b/a.jpg"),
        ("<base href='//cdn.test/x/y'>", "https://cdn.test/x/a.jpg"),
        ("<base href=' /b/\n'><base href=/c/>", "https://example.com/b/a.jpg"),
        ("<base target=_top><base href=/c/>", "https://example.com/c/a.jpg"),
        ("<base href='data:,x'>", "https://example.com/dir/a.jpg"),
        ("<base href=''><base href=/c/>", "https://example.com/dir/a.jpg"),
        ("<base href='http://[/'>", "https://example.com/dir/a.jpg"),
    ],
)
def test_base(base: str, url: str) -> None:
    filler = "<!--" + "x" * 5000 + "-->"
    assert [found.url for found in images(f"{filler}{base}<img src=a.jpg>")] == [url]


def test_character_references() -> None:
    assert images("<img src='/a&amp;b&#x2f;&uuml;.jpg?c=1&amp;d=2'>")[0].url == (
        f"{SITE}/a&b/%C3%BC.jpg?c=1&d=2"
    )
    assert images("<img src='/ü?ü'>", encoding="latin-1")[0].url == f"{SITE}/%C3%BC?%FC"
