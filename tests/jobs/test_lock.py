"""Who works on this job? With real second processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imagecrawl.errors import JobError
from imagecrawl.jobs.lock import JobLock
from tests.frontier.support import run_python

_HOLD = """
import sys
from pathlib import Path
from imagecrawl.jobs.lock import JobLock
lock = JobLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
lock.release()
"""
_TRY = """
import sys
from pathlib import Path
from imagecrawl.errors import JobError
from imagecrawl.jobs.lock import JobLock
try:
    JobLock(Path(sys.argv[1])).acquire()
except JobError as error:
    print(error)
else:
    print("acquired")
"""


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has the lock of *folder*."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            yield process
        finally:
            process.kill()


def test_a_second_process_is_told_which_one_has_the_job(tmp_path):
    with holder(tmp_path) as process:
        with pytest.raises(JobError) as caught:
            JobLock(tmp_path).acquire()
        message = str(caught.value)
        assert f"in use by process {process.pid}:" in message
        assert str(tmp_path) in message
        assert "\n" not in message
        with pytest.raises(JobError, match=str(process.pid)):  # the refused one left no trace
            JobLock(tmp_path).acquire()


def test_a_killed_holder_leaves_no_lock(tmp_path):
    with holder(tmp_path) as process:
        process.kill()
        process.wait()
        lock = JobLock(tmp_path)
        lock.acquire()
        assert f"process {os.getpid()}:" in run_python(_TRY, str(tmp_path)).stdout
        lock.release()
    assert run_python(_TRY, str(tmp_path)).stdout == "acquired\n"


def test_the_same_process_has_it_once(tmp_path):
    lock = JobLock(tmp_path)
    lock.acquire()
    with pytest.raises(JobError, match=str(os.getpid())):
        JobLock(tmp_path).acquire()
    lock.release()
    again = JobLock(tmp_path)
    again.acquire()
    again.release()


def test_a_holder_whose_number_is_not_known(tmp_path):
    with holder(tmp_path):
        (tmp_path / "job.pid").unlink()
        with pytest.raises(JobError, match="unknown"):
            JobLock(tmp_path).acquire()
