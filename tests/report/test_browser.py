"""A report in a real Chromium: what works, what leaves the page, what can be used by whom.

axe-core finds nothing in these pages either; it is asked by hand, for it comes from npm.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from imagecrawl.report import gather
from imagecrawl.report.write import report_path, write_report
from tests.report.browser import ReportBrowser
from tests.report.hostile import hostile
from tests.report.made import COMMAND, COMMANDS, MadeJob, large, picture

STYLE = Path(__file__).parents[2] / "imagecrawl" / "report" / "templates" / "style.css"


def written(job: MadeJob) -> Path:
    known = job.close()
    write_report(known, COMMANDS, report_path(known))
    return report_path(known)


@pytest.fixture(scope="module")
def browser() -> Iterator[ReportBrowser]:
    with ReportBrowser() as running:
        yield running


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of 800 images, 40 of which have failed."""
    folder = tmp_path_factory.mktemp("gallery")
    return written(large(folder / "made", 800, [picture(number) for number in range(50)]))


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = MadeJob(tmp_path_factory.mktemp("evil") / "made")
    hostile(job)
    return written(job)


SHOWN = "document.querySelectorAll('#failure-list li').length"


def typed(browser: ReportBrowser, form: str, name: str, value: str) -> str:
    """Fill in a field as a user does; return what the status says then."""
    script = f"""(() => {{
        const form = document.querySelector('form[data-list={form}]');
        const field = form.querySelector('[name={name}]');
        field.value = {value!r};
        field.dispatchEvent(new Event('input', {{bubbles: true}}));
        form.requestSubmit();
        return form.querySelector('output').value;
    }})()"""
    return str(browser.run(script))


def test_failures_can_be_filtered(browser: ReportBrowser, gallery: Path) -> None:
    browser.open(gallery)
    assert browser.run(SHOWN) == 40
    assert browser.run("document.querySelector('form output').value") == "40 shown"
    few = "document.querySelectorAll('#failure-list li[data-reason=reset]').length"
    count = browser.run(few)
    assert 0 < count < 40
    assert typed(browser, "failure-list", "reason", "reset") == f"{count} of 40 shown"
    assert browser.run(SHOWN) == count
    again = "document.getElementById('again').textContent"
    assert browser.run(again) == COMMAND.replace("=all", "=reset")
    assert typed(browser, "failure-list", "reason", "") == "40 of 40 shown"
    assert browser.run(again) == COMMAND
    assert typed(browser, "failure-list", "text", "ITEM-000023 example") == "1 of 40 shown"
    assert typed(browser, "failure-list", "text", "nothing has this") == "0 of 40 shown"
    assert browser.run(SHOWN) == 0


def test_the_command_is_said_to_run_what_the_text_filter_hides(
    browser: ReportBrowser, gallery: Path
) -> None:
    browser.open(gallery)
    note = "document.querySelector('.command + .note[role=status]').textContent"
    assert browser.run(note) == ""
    typed(browser, "failure-list", "text", "ITEM-000023")
    assert browser.run("document.getElementById('again').textContent") == COMMAND
    assert browser.run(note) == (
        "The command runs all failures again, whatever the text filter shows."
    )
    typed(browser, "failure-list", "reason", "reset")
    assert browser.run(note) == (
        "The command runs all failures of this reason again, whatever the text filter shows."
    )
    typed(browser, "failure-list", "text", " ")
    assert browser.run(note) == ""


def test_a_filter_says_how_to_see_the_failures_that_are_not_listed(
    browser: ReportBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "FAILURES_BYTES", 20_000)
    job = MadeJob(tmp_path / "made")
    for number in range(300):
        job.failure(f"http://h.example/{number}.jpg", "http_404")
    for number in range(5):
        job.failure(f"http://h.example/late/{number}.jpg", "http_410")
    browser.open(written(job))
    count = browser.run(SHOWN)
    assert 20 < count < 100
    note = browser.run("document.querySelector('#failures .note').textContent")
    assert f"{count} of 305, " in note
    assert "scrapy failures --job made lists them all" in note
    assert typed(browser, "failure-list", "reason", "http_410") == f"5 of {count} shown"
    shown = typed(browser, "failure-list", "reason", "http_404")
    assert shown == (
        f"{count - 5} of {count} shown; {305 - count} more are listed by: "
        "scrapy failures --job made --reason http_404"
    )
    shown = typed(browser, "failure-list", "reason", "")
    assert shown.endswith(f"{305 - count} more are listed by: scrapy failures --job made")


def test_a_long_address_is_whole_where_it_matters(browser: ReportBrowser, tmp_path: Path) -> None:
    address = "https://cdn.example/a.jpg?Signature=" + "s" * 3_000 + "&Key-Pair-Id=TAIL"
    job = MadeJob(tmp_path / "made")
    job.failure(address, "http_403")
    job.failure("https://cdn.example/other.jpg", "http_403")
    browser.open(written(job), width=390)
    link = "document.querySelector('#failure-list a')"
    assert browser.run(f"{link}.href") == address
    assert len(browser.run(f"{link}.textContent")) < 250
    assert typed(browser, "failure-list", "text", "sssss&key-pair-id=tail") == "1 of 2 shown"


def test_the_contact_sheet_can_be_filtered_and_loads_lazily(
    browser: ReportBrowser, gallery: Path
) -> None:
    browser.open(gallery)
    total = browser.run("document.querySelectorAll('#sheet li').length")
    status = typed(browser, "sheet", "text", "bicycle")
    assert re.fullmatch(rf"\d+ of {total} shown", status)
    typed(browser, "sheet", "text", "")
    browser.run("document.getElementById('images').scrollIntoView({behavior: 'instant'})")
    browser.wait_for("document.querySelector('#sheet img').naturalWidth > 0")
    assert browser.run("[...document.querySelectorAll('#sheet img')].every(i => i.loading=='lazy')")
    last = "[...document.querySelectorAll('#sheet img')].at(-1)"
    browser.run(f"{last}.scrollIntoView({{behavior: 'instant'}})")
    browser.wait_for(f"{last}.complete && {last}.naturalWidth > 0")


@pytest.mark.parametrize("which", ["gallery", "evil"])
def test_nothing_goes_wrong_and_nothing_leaves(
    browser: ReportBrowser, which: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(which)
    browser.open(path)
    browser.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
    height = browser.run("document.documentElement.scrollHeight")
    for y in range(0, height, 700):
        browser.run(f"scrollTo({{top: {y}, behavior: 'instant'}})")
    browser.settle()
    assert browser.complaints == []
    assert browser.requests
    assert {url for url in browser.requests if not url.startswith("data:image/")} == {path.as_uri()}
    assert browser.run("location.href") == path.as_uri()
    broken = "[...document.images].filter((i) => i.complete && !i.naturalWidth).length"
    assert browser.run(broken) == 0


def test_a_script_that_got_in_would_not_run(browser: ReportBrowser, gallery: Path) -> None:
    browser.open(gallery)
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/beacon.png"
    browser.run(f"window.address = {address!r}")
    browser.run("""(() => {
        const script = document.createElement('script');
        script.textContent = 'window.owned = 1';
        document.body.append(script);
        const image = new Image();
        image.src = window.address;
        document.body.append(image);
        document.body.insertAdjacentHTML('beforeend', '<b onclick="window.owned = 1">x</b>');
        document.body.lastElementChild.click();
    })()""")
    browser.settle()
    assert browser.run("window.owned") is None
    listener.setblocking(False)
    with listener, pytest.raises(BlockingIOError):
        listener.accept()
    assert len(browser.complaints) >= 3


@pytest.mark.parametrize("which", ["gallery", "evil"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_screen(
    browser: ReportBrowser, which: str, width: int, request: pytest.FixtureRequest
) -> None:
    browser.open(request.getfixturevalue(which), width)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def test_a_screen_reader_finds_its_way(browser: ReportBrowser, gallery: Path) -> None:
    browser.open(gallery)
    nodes = browser.nodes()
    names = {role: [name for r, name in nodes if r == role] for role, _ in nodes}
    for role in ("link", "button", "searchbox", "combobox", "image", "heading", "region", "table"):
        unnamed = [name for name in names.get(role, []) if not name.strip()]
        assert not unnamed or role == "table", role
    assert names["heading"][0] == "Crawl report job"
    for landmark in ("main", "banner", "navigation", "contentinfo"):
        assert len(names[landmark]) == 1
    assert names["searchbox"] == ["Filter by address or message", "Filter by alt text or page"]
    assert any(name.startswith("Images over time: ") for name in names["image"])
    levels = "[...document.querySelectorAll('h1,h2,h3')].map((one) => +one.tagName[1])"
    found = browser.run(levels)
    assert found[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(found))
    ids = browser.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_it_can_be_used_with_the_keyboard(browser: ReportBrowser, gallery: Path) -> None:
    browser.open(gallery)
    reached = []
    for _ in range(16):
        browser.press("Tab")
        reached.append(
            browser.run(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e); "
                "return `${e.tagName} ${e.name ?? e.id} ${s.outlineStyle}` })()"
            )
        )
    assert reached[0].startswith("A")
    assert all(one.endswith(" solid") for one in reached), reached
    assert "SELECT reason solid" in reached
    assert "INPUT text solid" in reached
    assert "SUMMARY" in " ".join(reached)


HIDDEN = """(() => {
    const e = document.activeElement;
    if (e === document.body) return null;
    const boxes = [...e.getClientRects()];
    const inset = Math.min(boxes[0].width / 2, 8);
    const points = boxes.flatMap((box) => [[box.left + inset, box], [box.right - inset, box]]);
    const seen = points.some(([x, box]) => {
        const found = document.elementFromPoint(x, box.y + box.height / 2);
        return found && (e.contains(found) || found.contains(e));
    });
    return seen ? '' : `${e.tagName} ${e.textContent.slice(0, 60)} at ${boxes[0].y}`;
})()"""


@pytest.mark.parametrize("size", [(1280, 900), (900, 700), (667, 375), (390, 844), (320, 256)])
def test_what_has_the_focus_is_seen(
    browser: ReportBrowser, gallery: Path, size: tuple[int, int]
) -> None:
    """https://www.w3.org/TR/WCAG22/#focus-not-obscured-minimum"""
    browser.open(gallery, size[0], height=size[1])
    browser.run("document.documentElement.style.scrollBehavior = 'auto'")
    hidden = []
    for start in ("#copy", "#failure-list li:nth-child(30) a", "#sheet li:nth-child(60) a"):
        for shift in (False, True):
            browser.run(f"document.querySelector({start!r}).focus()")
            for _ in range(30):
                browser.press("Tab", shift=shift)
                browser.run("new Promise((done) => requestAnimationFrame(done))")
                hidden.append(browser.run(HIDDEN))
    assert not [one for one in hidden if one]


# --- contrast -------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Return the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_apart(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", blocks[scheme]))
    for text in ("text", "muted", "accent", "failed", "opted_out", "pending"):
        for ground in ("page", "card"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["muted"], colours["soft"]) >= 4.5
    for fill in ("stored", "duplicate", "filtered", "opted_out", "failed", "pending", "paused"):
        assert contrast(colours[fill], colours["card"]) >= 3.0, fill
