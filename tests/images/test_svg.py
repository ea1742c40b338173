"""Is an SVG recognised in all its dresses?"""

from __future__ import annotations

import pytest

from imagecrawl.images.inspect import BadImage, inspect_image

from .samples import SVG

NS = b'xmlns="http://www.w3.org/2000/svg"'
DOCTYPE = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:9/svg11.dtd"'
ILLUSTRATOR = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<!-- Generator: Adobe Illustrator <svg> -->\n'
    + DOCTYPE
    + b' [\n<!ENTITY ns_svg "http://www.w3.org/2000/svg">\n<!ENTITY w "37">\n]>\n'
    b'<svg xmlns="&ns_svg;" width="&w;" height="23"><text>&w;</text></svg>'
)
WIDE = '<?xml version="1.0" encoding="UTF-16"?>' + SVG.decode()


@pytest.mark.parametrize(
    "body",
    [
        SVG,
        b"\xef\xbb\xbf" + SVG,
        b"\n\n  " + SVG + b"\n\n",
        SVG + bytes(3),
        SVG + b"\n<!-- behind -->\n",
        b"<!-- before <html> -->" + SVG,
        b"<?xml version='1.0'?>" + SVG,
        b"\n<?xml version='1.0'?>" + SVG,
        b"<?xml version='1.0'?><?xml-stylesheet href='a.css'?>" + SVG,
        DOCTYPE + b">" + SVG,
        ILLUSTRATOR,
        WIDE.encode("utf-16"),
        WIDE.encode("utf-16-le"),
        WIDE.encode("utf-16-be"),
        b"<?xml version='1.0' encoding='iso-8859-1'?>" + SVG.replace(b'"a"', b'"\xe9"'),
        SVG.replace(b"<", b"<svg:").replace(b"<svg:/", b"</svg:").replace(b"xmlns", b"xmlns:svg"),
        b'<svg width="37" height="23"/>',
        SVG.replace(b"M0 0", b"M0 0 " * 3_000_000),
    ],
)
def test_it_is_recognised(body: bytes) -> None:
    facts = inspect_image(body)
    assert (facts.format, facts.extension, facts.decoded) == ("SVG", "svg", False)
    assert (facts.width, facts.height) == (37, 23)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="10px" height="20PX"', (10, 20)),
        ('width="72pt" height="6pc"', (96, 96)),
        ('width="1in" height="25.4mm"', (96, 96)),
        ('width="2.54cm" height="1e2"', (96, 100)),
        ('width=".4" height="+7.6"', (1, 8)),
        ('viewBox="0 0 30 40"', (30, 40)),
        ('viewBox="-1,-1,30.2,40"', (30, 40)),
        ('width="100%" height="100%" viewBox="0 0 30 40"', (30, 40)),
        ('width="15" viewBox="0 0 30 40"', (15, 20)),
        ('height="20em" width="15" viewBox="0 0 30 40"', (15, 20)),
        ('height="80" viewBox="0 0 30 40"', (60, 80)),
        ('width="100%"', (None, None)),
        ('width="0" height="-3"', (None, None)),
        ('width="1e999" height="1e300"', (None, None)),
        ('viewBox="0 0 x y"', (None, None)),
        ("", (None, None)),
    ],
)
def test_its_size(attributes: str, size: tuple[int | None, int | None]) -> None:
    facts = inspect_image(f"<svg {NS.decode()} {attributes}/>".encode())
    assert (facts.width, facts.height) == size


def laughs(use: str) -> bytes:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    start = f'<!DOCTYPE svg [<!ENTITY l0 "lolololol">{entities}]>'
    return f"{start}<svg {NS.decode()}{use}</svg>".encode()


@pytest.mark.parametrize("use", ["><g>&l11;</g>", ' width="&l11;">'])
def test_a_billion_laughs_are_not_laughed(use: str) -> None:
    with pytest.raises(BadImage) as caught:
        inspect_image(laughs(use))
    assert caught.value.reason == "corrupt"


def test_no_file_is_read() -> None:
    start = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    facts = inspect_image(start + b"<svg " + NS + b' width="37"><g>&x;</g></svg>')
    assert facts.width == 37


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (SVG[:-1], "truncated"),
        (SVG[:30], "truncated"),
        (SVG + b"<!-- behi", "truncated"),
        (ILLUSTRATOR[:60], "truncated"),
        (b"<?xml version='1.0'?>\n<!-- Gener", "truncated"),
        (b"<!DOCTYPE sv", "truncated"),
        (b"<!DOCTYPE svg:", "truncated"),
        (WIDE[:43].encode("utf-16-le")[:-1], "truncated"),
        (SVG.replace(b"<g ", b"<g <"), "corrupt"),
        (SVG.replace(b"<g ", b"<g xlink:href='#a' "), "corrupt"),
        (b"<svg xmlns='http://example.com/other'/>", "not_an_image"),
        (DOCTYPE + b"><rss/>", "not_an_image"),
    ],
)
def test_it_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(BadImage) as caught:
        inspect_image(body)
    assert caught.value.reason == reason
