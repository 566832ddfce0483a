"""Texts that somebody might type, or put into a file, to hurt whoever looks at them."""

from __future__ import annotations

HIT = "window.__hit"

SCRIPTS = (
    f"<script>{HIT}=1</script>",
    f"<img src=x onerror={HIT}=1>",
    f'"><svg onload={HIT}=1>',
    f"' autofocus onfocus={HIT}=1 x='",
    "</title></textarea></script><script>alert(1)</script>",
    f"javascript:{HIT}=1",
    f"{{{{7*7}}}}${{{HIT}=1}}<%={HIT}=1%>",
    "&lt;b&gt;&amp;amp;",
)
FORMULAS = ("=1+1", "+1-2", "-1+2", "@SUM(A1)", '"=1+1', "'=1+1", "＝1+1", "“+1")
OTHERS = (
    "../../etc/x",
    "..",
    "C:\\x|y?*:",
    "%2e%2e%2f%00",
    "$\\frac{1}{2$",
    "a;b,c\"d'e",
    "[Ü̈nïcødé] 🏋 Мария نور 字",
    "W" * 60,
)
TYPED = (*OTHERS, *FORMULAS, *SCRIPTS)  # what the API takes, since it can be seen
UNSEEN = (
    "\x1b[31mred\x07",
    "a\x00b",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "a\u2028b",
    "a\x85b",
    "\ufeff=1",
    "\x9b2J",
)
HALF_LETTER = "half \ud800"
