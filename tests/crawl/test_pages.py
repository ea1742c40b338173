"""What a crawl of pages brings home: every picture once, the largest size of it that can be had."""

from __future__ import annotations

import base64
from collections import Counter

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected


def body(n: int, width: int = 32) -> bytes:
    return sample_image(n, size=(width, 24))


def put(server: FaultServer, path: str, html: str) -> str:
    server.add(path, html.encode(), content_type="text/html")
    return server.url(path)


def paths(server: FaultServer) -> Counter[str]:
    return Counter(hit.path for hit in server.hits() if hit.path != "/robots.txt")


def test_one_picture_of_many_sizes_is_one_request(project: Project, server: FaultServer) -> None:
    bodies = []
    html = ""
    for n in range(40):
        sizes = {width: f"/{n}-{width}.jpg" for width in (10, 20, 30, 40, 50)}
        for width, path in sizes.items():
            server.add(path, body(n, width))
        bodies.append(body(n, 50))
        srcset = ", ".join(f"{path} {width * 10}w" for width, path in sizes.items())
        html += f'<img src="{sizes[10]}" srcset="{srcset}" alt="picture {n}">'
    url = put(server, "/page", f'<meta property="og:image" content="/0-30.jpg">{html}')
    run = project.run(*project.images(start_urls=url))
    assert run.code == 0, run.log[-3000:]
    assert sum(paths(server).values()) == 41
    assert project.files() == expected(bodies)
    record = project.manifest()[server.url("/7-50.jpg")]
    assert record["alt"] == "picture 7" and record["position"] == 8
    assert record["source"] == "img@srcset" and record["page_url"] == url


def test_a_start_page_with_nothing_on_it_is_told(project: Project, server: FaultServer) -> None:
    server.add("/api", b'{"images": ["/1.jpg"]}', content_type="application/json")
    full = put(server, "/full", "<img src=/1.jpg><a rel=next href=/empty>")
    server.add("/1.jpg", body(1))
    put(server, "/empty", "<div id=app></div>")
    urls = f"{server.url('/api')},{full},{put(server, '/app', '<div id=app></div>')}"
    run = project.run(*project.images(start_urls=urls, follow="next"))
    assert run.code == 0, run.log[-3000:]
    told = sorted(line.split("found on ")[1] for line in run.lines("nothing is found on"))
    why = "is it made by scripts, or does it want a log-in?"
    assert told == [
        f"{server.url('/api')} (application/json): {why}",
        f"{server.url('/app')} (text/html): {why}",
    ]


def test_the_next_size_where_one_is_not_to_be_had(project: Project, server: FaultServer) -> None:
    html = """<figure><img srcset="/l.jpg 900w, /m.jpg 600w, /s.jpg 300w" title="T">
        <figcaption>A <b>caption</b></figcaption></figure>
        <img srcset="/x.jpg 900w, /y.jpg 600w"><img src="/m.jpg" alt="M">"""
    server.add("/m.jpg", b"<html>no image</html>", content_type="text/html")
    server.add("/s.jpg", body(1))
    url = put(server, "/page", html)
    settings = {"IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 0}
    run = project.run(*project.images(start_urls=url, job="one"), **settings)
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected([body(1)])
    record = project.manifest()[server.url("/s.jpg")]
    assert (record["title"], record["caption"], record["alt"]) == ("T", "A caption", "M")
    failed = project.manifest("failed.jsonl")
    # The pictures that are not to be had in any size have failed; the other sizes are replaced.
    assert {u.rpartition("/")[2]: r["reason"] for u, r in failed.items()} == {
        "l.jpg": "replaced",
        "m.jpg": "replaced",
        "x.jpg": "replaced",
        "y.jpg": "http_404",
    }
    assert paths(server).pop("/s.jpg") == 1
    before = paths(server)
    assert project.run(*project.images(start_urls=url, job="one"), **settings).code == 0
    assert paths(server) == before


def test_all_variants(project: Project, server: FaultServer) -> None:
    for n, path in enumerate(("/a.jpg", "/b.jpg", "/c.jpg")):
        server.add(path, body(n))
    url = put(server, "/page", '<img src="/a.jpg" srcset="/b.jpg 2x, /c.jpg 3x">')
    run = project.run(*project.images(start_urls=url, variants="all"))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected([body(n) for n in range(3)])


def test_style_sheets(project: Project, server: FaultServer) -> None:
    server.add(
        "/css/a.css",
        b"@import 'b.css'; h1{background:url(../h.jpg)} @font-face{src:url(f.woff2)}",
        content_type="text/css",
    )
    server.add("/css/b.css", b"@import 'a.css'; b{background:url(b.jpg)}", content_type="text/css")
    server.add("/h.jpg", body(1))
    server.add("/css/b.jpg", body(2))
    server.add("/i.jpg", body(3))
    html = "<link rel=stylesheet href=/css/a.css><b style='background:url(\"/i.jpg\")'>"
    url = put(server, "/page", html)
    assert project.run(*project.images(start_urls=url)).code == 0
    assert project.files() == expected([body(3)])
    run = project.run(*project.images(start_urls=url, css="true"))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected([body(1), body(2), body(3)])
    assert paths(server)["/css/a.css"] == paths(server)["/css/b.css"] == 1
    assert "/css/f.woff2" not in paths(server)


def test_images_within_the_page(project: Project, server: FaultServer) -> None:
    data = base64.b64encode(body(1)).decode()
    spacer = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    url = put(
        server, "/page", f'<img alt="D" src="data:image/jpeg;base64,{data}"><img src="{spacer}">'
    )
    run = project.run(*project.images(start_urls=url))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected([body(1)])
    (record,) = project.manifest().values()
    assert record["alt"] == "D" and record["url"].startswith("data:image/jpeg;base64,")
    other = Project(project.folder / "other")
    assert (
        other.run(*other.images(start_urls=url, job="no"), IMAGECRAWL_DATA_IMAGES=False).code == 0
    )
    assert other.files() == {}


def test_long_urls_and_what_is_said_to_robots(project: Project, server: FaultServer) -> None:
    path = "/a.jpg?" + "x" * 6000
    server.add(path, body(1), headers={"X-Robots-Tag": "noai, googlebot: noindex"})
    html = f"<meta name=robots content='NoImageIndex, nofollow'><img src='{path}'>"
    run = project.run(*project.images(start_urls=put(server, "/page", html)))
    assert run.code == 0, run.log[-3000:]
    record = project.manifest()[server.url(path)]
    assert record["robots"] == ["noimageindex", "nofollow", "noai", "googlebot:noindex"]


def test_how_many_pages_and_which(project: Project, server: FaultServer) -> None:
    bodies = [body(n) for n in range(12)]
    for n, one in enumerate(bodies):
        server.add(f"/{n}.jpg", one)
        links = "".join(f'<a href="/{kind}/{m}">x</a>' for m in range(12) for kind in "pq")
        for kind in "pq":
            put(server, f"/{kind}/{n}", f'<img src="/{n}.jpg">{links}')
    start = server.url("/p/0")
    args = project.images(start_urls=start, follow="site", max_pages=5, allow="/p/", job="five")
    run = project.run(*args)
    assert run.code == 0, run.log[-3000:]
    pages = {path for path in paths(server) if not path.endswith(".jpg")}
    assert len(pages) == 5 and all(path.startswith("/p/") for path in pages)
    assert project.files() == expected(bodies[:5])
    assert project.run(*args).code == 0
    assert {path for path in paths(server) if not path.endswith(".jpg")} == pages
