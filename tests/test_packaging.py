"""What is installed is what is needed."""

from __future__ import annotations

import re
from pathlib import Path

from imagecrawl.demo import gallery
from imagecrawl.middlewares.browser_provider import bundled_browsers
from imagecrawl.scaffold.templates import TEMPLATES, template_text

ROOT = Path(__file__).resolve().parents[1]


def test_requirements_txt_has_what_the_package_depends_on() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert block is not None
    needed = set(re.findall(r'"([^"]+)"', block[1]))
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = {line.partition("#")[0].strip() for line in lines} - {""}
    assert needed <= listed
    assert {re.split(r"[<>=]", line)[0] for line in listed - needed} == {
        *("pytest", "hypothesis", "pyarrow", "botocore", "setuptools"),
        *("pytest-xdist", "pytest-timeout", "pyte", "prometheus-client", "spidermon"),
    }


def test_the_data_is_where_the_code_looks_for_it() -> None:
    assert len(bundled_browsers()) > 10
    assert gallery.sample_image(1)
    assert all(template_text(name) for name in (*TEMPLATES, "test"))
