"""What strangers write into alt texts, addresses and messages."""

from __future__ import annotations

from imagecrawl.frontier.entry import Settlement
from imagecrawl.outcomes import Outcome
from tests.report.made import MadeJob, picture

TEXTS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "</style><style>*{display:none}</style>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    "--><svg onload=alert(5)>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "<iframe srcdoc='<script>alert(6)</script>'>",
    "\x00\x1b[2J\u202egnp.exe\u2066",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0;url=//evil.example>",
    "]]><!--",
    "<bdi></bdi></p></div></li></ul></section></main>",
    "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
    "\N{GRINNING FACE}" * 400,
)
ADDRESSES = (
    "javascript:alert(document.domain)",
    "JaVaScRiPt:alert(7)",
    " javascript:alert(8)",
    "java\nscript:alert(9)",
    "data:text/html,<script>alert(10)</script>",
    'http://evil.example/"onclick=alert(11)//',
    "http://evil.example/'><script>alert(12)</script>",
    "http://evil.example/?q=<script>alert(13)</script>",
    "file:///etc/passwd",
    "//evil.example/x.js",
    "https://evil.example/\u202e/moc.elpmaxe",
    "https://evil.example/beacon.png?" + "x" * 5_000,
    "https://evil.example/tidy.png",
    "http://[::1",
)


def hostile(job: MadeJob) -> None:
    """Fill *job* with all of them, everywhere."""
    for number, text in enumerate(TEXTS):
        address = ADDRESSES[number % len(ADDRESSES)]
        known = {"page_url": address, "alt": text, "format": "JPEG" if number % 3 else text}
        job.image(address, picture(number), host=text, **known)
        job.paused(text, number, 5, text)
    for number, address in enumerate(ADDRESSES):
        job.failure(address, "http_404", TEXTS[number % len(TEXTS)], at=number)
        job.end(address, Settlement(Outcome.OPTED_OUT, "robots_txt", TEXTS[number % len(TEXTS)]))
