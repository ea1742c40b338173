"""No kill at any moment of a restart costs what the job knew, or knows now."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frontier.support import run_python

STUCK = """
import sys
from pathlib import Path
from imagecrawl.jobs.job import open_job
from imagecrawl.outcomes import Kind
from tests.jobs.killed import MANIFEST, make
from tests.frontier.support import entries

folder = Path(sys.argv[1])
make(folder)
stuck = True


def refuse(event, args):
    if stuck and event == "os.remove" and str(args[0]).endswith("a.part"):
        raise PermissionError(13, "in use")


sys.addaudithook(refuse)
job = open_job(folder, MANIFEST, restart=True)
job.begun()
job.frontier.enqueue(entries("xyz"))
job.close()
left = [path.name for path in folder.glob("before-restart*")]
for stuck in (True, False):
    job = open_job(folder, MANIFEST, restart=False)
    urls = [one.url for one in job.frontier.lease(9, 0, lambda host: 9)]
    job.close()
    print(len(left), *sorted(url[-1] for url in urls))
print([path.name for path in folder.glob("before-restart*")])
"""


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_killed_before_each_of_its_steps_and_of_those_of_the_next() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.jobs.killed"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    restarted = [set(states) for states in found["restart"]]
    assert all(len(states) == 1 for states in restarted)
    # The old job up to one of the steps, the new one from there on, and nothing between.
    order = [states.pop() for states in restarted]
    assert order == sorted(order, reverse=True)
    assert order[0] == "old" and order[-1] == "new"
    assert {state for states in found["give_up"] for state in states} == {"old"}


def test_what_cannot_be_deleted_yet_is_in_nobodys_way(tmp_path: Path) -> None:
    """On NFS or Windows, a file that somebody has open."""
    done = run_python(STUCK, str(tmp_path / "job"))
    assert done.stdout.splitlines() == ["1 x y z", "1 x y z", "[]"], done.stderr
