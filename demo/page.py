"""The demo's page: one HTML file that shows the pictures, readable on a phone, without scripts or anything foreign.

Invariant: every text that came from outside (file names, messages of errors) is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1e; --paper: #faf9f7; --pale: #6e6e73; --card: #fff; --line: #e6e3de; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f4; --paper: #161618; --pale: #98989f; --card: #1f1f22; --line: #323236; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 3rem 1.25rem 4rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 2rem; font-weight: 600; letter-spacing: -.02em; margin: 0; }
h2 { font-size: 1.15rem; font-weight: 600; margin: 3rem 0 .75rem; }
p { max-width: 44rem; color: var(--pale); margin: .5rem 0 2rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1rem;
  margin: 0 0 1.25rem; }
.three { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; align-items: end; }
figure { margin: 0; }
img { width: 100%; max-height: 32rem; object-fit: contain; border-radius: 8px; display: block; }
figcaption, .facts { color: var(--pale); font-size: .85rem; padding-top: .4rem; }
.failed { color: #c0392b; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1rem; overflow-x: auto;
  font-size: .85rem; }
"""


@dataclass(frozen=True)
class Shown:
    """One case as the page shows it. result: file name, or None where `message` says what went wrong."""

    person: str
    garment: str
    result: str | None
    clothes_type: str
    seconds: float
    message: str


def render(cases: Sequence[Shown], folder: str, how_to_call: str) -> str:
    """The whole page. folder: where the pictures are, seen from the page, with a slash at its end."""
    made = sum(case.result is not None for case in cases)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fitting Room: demo</title>
<style>{STYLE}</style>
<h1>Fitting Room</h1>
<p>{made} of {len(cases)} pictures made just now on this machine: each by one signed <code>ChangeClothes</code> request
of Tencent Cloud's own Python SDK to a local server. Every result is marked as generated, visibly and in its
metadata.</p>
{"".join(_case(case, folder) for case in cases)}
<h2>Call it from your own client</h2>
<pre>{escape(how_to_call)}</pre>
</html>
"""


def _case(case: Shown, folder: str) -> str:
    failure = f'<figure class="failed">{escape(case.message)}</figure>'
    result = _figure(folder + case.result, "result") if case.result else failure
    facts = f"{case.clothes_type} · {case.seconds:.1f} s" + (f" · {case.message}" if case.result else "")
    photos = _figure(folder + case.person, "person") + _figure(folder + case.garment, "garment")
    return f"""<article><div class="three">{photos}{result}</div>
<div class="facts">{escape(facts)}</div></article>
"""


def _figure(file: str, caption: str) -> str:
    return (
        f'<figure><a href="{escape(file)}"><img src="{escape(file)}" alt="{caption}" loading="lazy"></a>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
