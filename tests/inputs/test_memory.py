"""A list of any length needs the same little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_WRITE = """
import json, sys
from tests.inputs.writing import COMPRESSIONS, FORMATS
name, format_, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = [{"url": f"http://h/{n}", "caption": "a cat " * 10} for n in range(count)]
with open(name, "wb") as file:
    file.write(COMPRESSIONS[".gz"](FORMATS[format_](rows)))
"""
_READ = """
import resource, sys
from pathlib import Path
from imagecrawl.inputs.lists import Lists, Wanted
(table,) = Lists(sys.argv[1], Wanted()).local_tables()
for _ in zip(range(1000), table.rows()):
    pass
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for row in table.rows() if row is not None)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
@pytest.mark.parametrize("format_", ["csv", "json", "jsonl", "parquet"])
def test_the_memory_does_not_grow_with_the_rows(tmp_path, format_):
    path = tmp_path / f"list.{format_}.gz"

    def python(code: str, *args: str) -> str:
        command = [sys.executable, "-c", code, str(path), *args]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    python(_WRITE, format_, "300000")  # 25 MB of text, in a process of its own
    count, kilobytes = map(int, python(_READ).split())
    assert count == 300_000
    assert kilobytes < 8_000
