"""The page itself: what it says, and what strangers cannot make it say."""

from __future__ import annotations

import os
import re
import time
import zipfile
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from imagecrawl.errors import JobError
from imagecrawl.frontier.entry import Settlement
from imagecrawl.jobs.lock import JobLock
from imagecrawl.outcomes import Outcome
from imagecrawl.report import sheet
from imagecrawl.report.wording import moment
from imagecrawl.report.write import report_path, write_report
from tests.frontier.support import run_python
from tests.report.hostile import ADDRESSES, TEXTS, hostile
from tests.report.made import BEGAN, COMMAND, COMMANDS, MadeJob, picture

ROOT = Path(__file__).resolve().parents[2]


def page(job: MadeJob, **options: float) -> LexborHTMLParser:
    known = job.close()
    write_report(known, COMMANDS, report_path(known), **options)
    return LexborHTMLParser(report_path(known).read_text(encoding="utf-8"))


def text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    assert node is not None, selector
    return " ".join(node.text().split())


def test_what_it_says(job: MadeJob) -> None:
    body = picture(1)
    known = {"page_url": "https://h.example/gallery", "alt": "a cat & a dog"}
    job.image("https://h.example/1.jpg", body, width=64, height=48, **known)
    job.failure("https://h.example/2.jpg", "http_404", "HTTP status 404")
    job.pending("https://h.example/3.jpg")
    job.paused("h.example", 0, 12)
    tree = page(job)
    assert text(tree, "h1") == "Crawl report job"
    assert "Not done: 1 pending" in text(tree, "header")
    assert "3 discovered" in text(tree, "#totals .card")
    assert text(tree, "#totals .legend") == "stored 1 duplicate 0 failed 1 pending 1"
    assert text(tree, "#hosts tbody tr").startswith("h.example 1 0 0 0 1 1 0")
    assert text(tree, ".lanes p") == "h.example 1 pause, 12 s in all (http_429)"
    assert text(tree, "#again") == COMMAND
    assert text(tree, "#failure-list li").startswith("http_404 https://h.example/2.jpg 1 attempt")
    assert text(tree, "#sheet p") == "a cat & a dog"
    assert "64×48 JPEG" in text(tree, "#sheet .caption")
    assert tree.css_first("#sheet img").attributes["src"].startswith("data:image/webp;base64,")
    assert {link.attributes["rel"] for link in tree.css("main a[href^=http]")} == {
        "noreferrer noopener nofollow"
    }


def test_a_pause_ends_with_its_crawl(job: MadeJob) -> None:
    now = time.time()
    job.image("https://h.example/1.jpg", picture(1), at=now - 200 - BEGAN)
    job.paused("h.example", now - 100 - BEGAN, 900)
    known = job.close()
    os.utime(known.database, (now - 60, now - 60))  # when it was killed
    tree = page(job)
    assert text(tree, ".lanes p") == "h.example 1 pause, 40 s in all (http_429)"
    assert f"{moment(now - 200)} to {moment(now - 60)}" in text(tree, "header")
    lock = JobLock(known.folder)
    lock.acquire()  # now somebody works on it
    assert re.search(r"1 pause, 1 min 4\d s in all", text(page(job), ".lanes p"))
    lock.release()


def test_a_job_that_has_nothing(job: MadeJob) -> None:
    tree = page(job)
    assert "Nothing has been discovered yet" in text(tree, "header")
    empty = [" ".join(node.text().split()) for node in tree.css(".empty")]
    assert len(empty) == 5
    assert tree.css_first("form") is None


def test_strangers_write_nothing_but_text(job: MadeJob) -> None:
    hostile(job)
    tree = page(job)
    assert [node.text()[:12] for node in tree.css("script")] == ['"use strict"']
    assert len(tree.css("style")) == 1
    assert {node.tag for node in tree.css("body *")} <= {
        *(
            "a",
            "header",
            "h1",
            "h2",
            "h3",
            "small",
            "p",
            "nav",
            "ul",
            "ol",
            "li",
            "main",
            "section",
        ),
        *("dl", "dt", "dd", "div", "svg", "rect", "line", "title", "b", "bdi", "span", "details"),
        *("summary", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "code"),
        *("button", "form", "label", "input", "select", "option", "output", "img", "footer"),
        "script",
    }
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            value = node.attributes.get(name)
            assert value is None or re.match(r"(https?://|#|data:image/webp;base64,)", value)
    shown = tree.body.text() if tree.body else ""
    assert "<script>alert" in shown
    assert "\u202e" not in shown
    assert "\x00" not in shown


def test_the_policy_names_what_is_there(job: MadeJob) -> None:
    tree = page(job)
    policy = tree.css_first("meta[http-equiv]").attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert re.search("script-src 'sha256-[A-Za-z0-9+/=]{44}'; img-src data:;", policy)


def test_a_sheet_has_its_bounds(job: MadeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        job.image(f"http://h.example/{number}.jpg", picture(number), page_url="x" * 300)
    monkeypatch.setattr(sheet, "SHEET_BYTES", 200_000)
    tree = page(job)
    tiles = tree.css("#sheet li")
    assert 50 < len(tiles) < 250
    assert "of 300 images, taken evenly" in text(tree, "#images .note")
    assert sum(len(tile.html or "") for tile in tiles) <= 200_000
    numbers = [int(re.findall(r"/(\d+)\.jpg", tile.html or "")[0]) for tile in tiles]
    assert numbers == sorted(numbers)
    assert numbers[0] < 10
    assert numbers[-1] > 280


def test_no_time_for_thumbnails(job: MadeJob) -> None:
    job.image("http://h.example/1.jpg", picture(1))
    tree = page(job, thumbnail_secs=-1.0)
    assert tree.css_first("#sheet") is None
    assert "no time to show any of 1 image;" in text(tree, "#images")


def test_images_that_cannot_be_shown(job: MadeJob) -> None:
    job.image("http://h.example/1.svg", b"<svg onload='alert(1)'/>", format="SVG", path="a.svg")
    job.image("http://h.example/2.jpg", b"no jpeg", path="b.jpg")
    job.image("http://h.example/3.jpg", path="gone.jpg")
    (job.folder / "secret.jpg").write_bytes(picture(1))
    job.image("http://h.example/4.jpg", path="c.jpg")
    job.image("http://h.example/5.jpg", path="../job/secret.jpg")
    tree = page(job)
    frames = [node.text().strip() for node in tree.css("#sheet .frame")]
    assert frames == ["SVG, no preview", *["JPEG, no preview"] * 4]


def test_it_is_replaced_at_once_or_not_at_all(job: MadeJob, tmp_path: Path) -> None:
    known = job.close()
    write_report(known, COMMANDS, report_path(known))
    write_report(known, COMMANDS, report_path(known))
    assert not list(known.folder.glob("*.part"))
    for wrong in (tmp_path, tmp_path / "no folder" / "report.html"):
        with pytest.raises(JobError, match="cannot be written"):
            write_report(known, COMMANDS, wrong)
    assert not list(tmp_path.glob("*.part"))


def test_a_file_of_the_users_is_left_alone(job: MadeJob, tmp_path: Path) -> None:
    known = job.close()
    report_path(known).write_text("<html>my own report</html>")
    with pytest.raises(JobError, match="left alone"):
        write_report(known, COMMANDS, report_path(known))
    assert report_path(known).read_text() == "<html>my own report</html>"
    (tmp_path / "named.html").write_text("mine, and named on the command line")
    write_report(known, COMMANDS, tmp_path / "named.html")
    assert "<!doctype html>" in (tmp_path / "named.html").read_text()


def test_it_is_written_from_a_zipped_egg_too(job: MadeJob, tmp_path: Path) -> None:
    hostile(job)
    job.close()
    egg = tmp_path / "imagecrawl.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        for file in (ROOT / "imagecrawl").rglob("*"):
            if file.suffix in (".py", ".html", ".css", ".js", ".json"):
                archive.write(file, file.relative_to(ROOT))
    code = """
import sys
from pathlib import Path
sys.path[:] = [sys.argv[1], *(p for p in sys.path if p not in ("", sys.argv[3]))]
from imagecrawl.report import write
from imagecrawl.jobs.again import Commands
from imagecrawl.jobs.known import job_in
assert ".egg" in write.__file__, write.__file__
folder = Path(sys.argv[2])
write.write_report(job_in(folder), Commands("x", "y", "z"), folder / "report.html")
"""
    done = run_python(code, str(egg), str(job.folder), os.fspath(ROOT))
    assert done.returncode == 0, done.stderr
    assert len(LexborHTMLParser((job.folder / "report.html").read_text()).css("#sheet li")) == len(
        TEXTS
    )


def test_the_hostile_job_is_hostile() -> None:
    assert len(ADDRESSES) > 8
    assert any("script" in one for one in TEXTS)


def test_opt_outs_say_what_they_count(job: MadeJob) -> None:
    """Images that a page or header says more of are kept, and no opt-outs."""
    said = {"https://h.example/1.jpg": ["noai", "noimageai", "nofollow"], "/2.jpg": ["noai"]}
    for url, robots in said.items():
        job.image(url, picture(1), robots=robots)
    job.image("/same.jpg", picture(1), robots=["noindex"], outcome=Outcome.DUPLICATE)
    for robots in ([], ["googlebot:noindex", "max-image-preview:large"], None, "noai", [7]):
        job.image(f"/{robots}.jpg", picture(2), robots=robots)
    tree = page(job)
    assert "No robots.txt has kept anything out." in text(tree, "#opt-outs")
    assert text(tree, "#reserved") == (
        "Only robots.txt is counted here. 3 images on disk (duplicates among them) came with a "
        "page or header that says more to crawlers: noai 2, noimageai 1, noindex 1. What was said "
        "of each is in images.jsonl, in its field robots."
    )


def test_without_such_words_it_says_so(job: MadeJob) -> None:
    job.image("https://h.example/1.jpg", picture(1), robots=["nofollow"])
    job.end("https://h.example/2.jpg", Settlement(Outcome.OPTED_OUT, "robots_txt"))
    tree = page(job)
    assert "1 that a robots.txt forbids." in text(tree, "#opt-outs")
    assert "No page or header of an image on disk says noai," in text(tree, "#reserved")
