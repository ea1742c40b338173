from __future__ import annotations

import pytest

from imagecrawl.discovery.css import css_images, css_imports
from imagecrawl.discovery.sheets import images_of_css, sheets_of_css, style_sheets
from tests.discovery.pages import SITE, page, short


@pytest.mark.parametrize(
    ("css", "references"),
    [
        ("background:url(a.jpg)", [("a.jpg",)]),
        ("background: #fff URL( 'a b.jpg' ) 0 0, url(\"c;d.png\")", [("a b.jpg",), ("c;d.png",)]),
        (r"background:url(a\).jpg); color:red", [("a).jpg",)]),
        (r"background:u\72l(a.jpg)", [("a.jpg",)]),
        ("a{b:url('x\n')}", []),
        ("a{" + "/* color: red; */\n" * 40 + "background:url(a)}", [("a",)]),
        ("/**/@font-face/**/{/**/src:url(f)} a{b:url(c)}", [("c",)]),
        ("a{b:url()} c{d:url('')} e{f:url(#x)} g{h:url(data:image/png,x)}", []),
        ("a{background:url(a)}/* url(no) */ b{background:url(b)}", [("a",), ("b",)]),
        ("@media print{ a{ list-style-image : url(a) } } b{mask:url(b)}", [("a",), ("b",)]),
        ("@font-face{src:url(f.woff)} a{border-image:url(b) 1}", [("b",)]),
        ("a{filter:url(f.svg#x);behavior:url(b.htc);src:url(s);clip-path:url(c.svg#y)}", []),
        ("a{background:image-set('s.png' 1x, url(l.png) 2x, 'm.png' 144dpi)}",
         [("l.png", "m.png", "s.png")]),
        ("a{background:-webkit-image-set(url(s) 1x,url(l) 2x)}", [("l", "s")]),
        ("a{&:hover{background:url(n)} background:url(o)", [("n",), ("o",)]),
        ("a{content:'url(no)';x:\"\\\"url(no)\"} b{content:\"a\" url(yes)}", [("yes",)]),
        ("a{--bg:url(x.jpg)}", [("x.jpg",)]),
        ("a{background:url(unclosed.jpg", [("unclosed.jpg",)]),
        ("a{background:cross-fade(url(a),url(b),50%)}", [("a",), ("b",)]),
        ("<!-- a{background:url(w)} -->", [("w",)]),
        ("@import url(a.css); a{cursor:url(c.cur),auto}", [("c.cur",)]),
    ],
)  # fmt: skip
def test_images(css: str, references: list[tuple[str, ...]]) -> None:
    assert [image.references for image in css_images(css)] == references


def test_imports() -> None:
    css = "@import url(a.css); @import 'b.css' screen; @IMPORT \"c;.css\"; a{b:url(no)}"
    assert list(css_imports(css)) == ["a.css", "b.css", "c;.css"]


def test_a_sheet_is_the_base_of_its_references() -> None:
    css = "@import '/b.css'; a{background:url(../a.jpg)} b{--f:url(f.woff2)} c{d:url(ü.png?ü)}"
    url = f"{SITE}/css/a.css"
    found = [(one.url, one.source) for one in images_of_css(css, url)]
    assert found == [
        (f"{SITE}/a.jpg", "css"),
        (f"{SITE}/css/%C3%BC.png?%C3%BC", "css"),
    ]
    assert sheets_of_css(css, url) == [f"{SITE}/b.css"]


def test_the_sheets_of_a_page() -> None:
    body = """<base href=/b/><link rel="STYLESHEET" href=a.css><link rel="alternate stylesheet"
        href=b.css><link rel=icon href=c.css><style>@import 'd.css';</style><link href=a.css
        rel=stylesheet>"""
    assert style_sheets(page(body)) == [f"{SITE}/b/{name}.css" for name in "abd"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p style='background:url(a.jpg)'>", [("p@style", "/dir/a.jpg")]),
        ("<p style='background:url(&quot;/a&amp;b.jpg&quot;)'>", [("p@style", "/a&b.jpg")]),
        ("<style>p{background:url(/a.jpg)}</style>", [("style", "/a.jpg")]),
        ("<style type=text/less>p{background:url(/a.jpg)}</style>", []),
        ("<style>@import '/a.css'; p{color:red}</style>", []),
        ("<p style='background:image-set(url(/s.png) 1x, url(/l.png) 2x)'>",
         [("p@style", "/l.png", "/s.png")]),
    ],
)  # fmt: skip
def test_css_on_a_page(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(body) == expected
