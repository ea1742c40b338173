"""What every test needs."""

from __future__ import annotations

import os
import signal

import hypothesis

# Hundreds of crawls are started: each would compile our modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell that starts CI in the background has it ignore SIGINT, and every child inherits that: a
# crawl in a test could not be interrupted as a user interrupts it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that is busy with something else makes no test fail.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")
