"""For `scrapyd-deploy`, which builds an egg with this file; all else is in pyproject.toml."""

import compileall
import shutil
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from setuptools import setup
from setuptools.command.bdist_egg import bdist_egg


class EggWithByteCode(bdist_egg):
    """Has byte code where Python looks for it in a zip file: beside the source. Without, each job
    compiles the project anew, which takes longer than all else at its start."""

    def call_command(self, name: str, **options: Any) -> Any:
        """Run a command that is a part of this one."""
        done = super().call_command(name, **options)
        if name == "install_lib":
            for useless in Path(self.bdist_dir).rglob("__pycache__"):
                shutil.rmtree(useless)
            # By the sources' hashes: times in a zip file depend on the time zone. Another Python
            # than the one that builds the egg compiles the sources, as ever.
            mode = PycInvalidationMode.CHECKED_HASH
            compileall.compile_dir(
                self.bdist_dir, ddir="", quiet=2, legacy=True, invalidation_mode=mode
            )
        return done


setup(
    cmdclass={"bdist_egg": EggWithByteCode},
    entry_points={"scrapy": ["settings = imagecrawl.settings"]},
)
