"""The process that is forked for each command of ``warm.py``."""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import random
import socket
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from scrapy.settings import Settings
from scrapy.utils.misc import load_object

_TABLES = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES")


def import_all() -> None:
    """Import what crawls do: the project, and those parts of Scrapy that its settings name. A
    warning, which a crawl would have in its log, is an error. The reactor is for them to choose."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("scrapy.cmdline", "scrapy.crawler", *_names("imagecrawl")):
            import_module(name)
        settings = Settings()
        settings.setmodule("imagecrawl.settings")
        components = [path for table in _TABLES for path in settings.getwithbase(table)]
        for path in (*components, *settings.getwithbase("DOWNLOAD_HANDLERS").values()):
            load_object(path)
    assert "twisted.internet.reactor" not in sys.modules
    gc.freeze()


def _names(package: str) -> list[str]:
    modules = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    return [module.name for module in modules if not module.name.endswith("__main__")]


def next_command(asked: socket.socket) -> list[str]:
    """Return the words of a command, in the process that is for it; all others stay in here."""
    while True:
        line, streams, _, _ = socket.recv_fds(asked, 1 << 20, 3)
        if not line:
            os._exit(0)
        while not line.endswith(b"\n"):
            line += asked.recv(1 << 20)
        if not os.fork() and not _watched(streams[2]):
            os.dup2(streams[0], 1)
            os.dup2(streams[1], 2)
            for number in streams:
                os.close(number)
            asked.close()
            random.seed()
            words: list[str] = json.loads(line)
            return words
        for number in streams:
            os.close(number)
        _forget_the_ended()


def _watched(tell: int) -> bool:
    """Fork the command's own process, where this returns False; tell of its end."""
    pid = os.fork()
    if pid:
        _tell_of(pid, tell)
    return False


def _tell_of(pid: int, tell: int) -> NoReturn:
    os.write(tell, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(tell, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _forget_the_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # as ``python -m`` has it: the project there is imported
    import_all()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        words = next_command(asked)
    scrapy = import_module("scrapy.__main__").__file__
    assert scrapy is not None
    sys.argv = [scrapy, *words]
    import_module("scrapy.cmdline").execute()
