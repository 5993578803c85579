"""Self-contained HTML report page: skeleton, escaping, thumbnails.

Belongs here: what every page shares. Does not belong here: which rows are on a page. A page loads nothing from
anywhere.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from wethink_assets.presentation.thumbnails import Readable, look

THUMBNAIL = 240  # pixels of the longer side
REPLY_CHARS = 4_000

# Characters that hide or turn round what stands beside them: shown as what they are.
_UNSEEN: dict[int, int | str] = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}
_UNSEEN |= dict.fromkeys(
    [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF],
    "\N{REPLACEMENT CHARACTER}",
)

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1280px;padding:0 1rem;color:#1c2733}
h1{margin-bottom:.3rem}h2{margin-top:2rem;border-top:1px solid #d5dbe1;padding-top:1rem}
a{color:#1f5a99;text-decoration:none}a:hover{text-decoration:underline}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}
td,th{padding:.2rem .5rem;text-align:left;vertical-align:top}
table{border-top:2px solid #1c2733;border-bottom:2px solid #1c2733}
th{border-bottom:1px solid #1c2733;vertical-align:bottom}
tr.group td{border-top:1px solid #9aa5b1;font-style:italic;color:#4a5663;padding-top:.4rem}
tr.mean td{border-top:1px solid #d5dbe1}
td.n,th.n{text-align:right}td.n{white-space:nowrap}.good{color:#17692e}.bad{color:#a61c1c;font-weight:600}
.dim,td small{color:#6b7785}
small{white-space:nowrap}.note{color:#4a5663;max-width:75rem}
.banner{padding:.5rem .8rem;border-left:4px solid #17692e;background:#f2f8f3}
.banner.bad{border-color:#a61c1c;background:#fbf1f1}.plots{display:flex;flex-wrap:wrap;gap:2%;align-items:center}
.plots img{max-width:49%}
@media(max-width:900px){.plots img{max-width:100%}}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f7f8fa;padding:.5rem;margin:.25rem 0;max-height:22rem;
overflow:auto}
.items{line-height:1.7}details{margin:.3rem 0}summary{cursor:pointer}img{max-width:240px;height:auto}
.two{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.two>div{min-width:0}p,summary{overflow-wrap:anywhere}
:target{background:#fff7d6}@media print{details>summary{list-style:none}}
"""


def page(title: str, parts: Iterable[str]) -> Iterable[str]:
    """The HTML page in pieces, so that a large one need not be held whole."""
    head = f'<meta charset="utf-8"><title>{text(title)}</title><style>{_STYLE}</style>'
    yield f'<!doctype html><html lang="en">{head}<h1>{text(title)}</h1>'
    yield from parts
    yield "</html>\n"


def write(path: Path, title: str, parts: Iterable[str]) -> Path:
    """Write a page atomically: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(page(title, parts))
    part.replace(path)
    return path


def text(value: Any) -> str:
    """HTML-escaped text: replies and questions are hostile. Control characters are shown and do nothing."""
    plain = "" if value is None else str(value).encode("utf-8", "replace").decode().replace("\r\n", "\n")
    return html.escape(plain.translate(_UNSEEN), quote=True)


def cut(value: str | None, most: int) -> str:
    """HTML-escaped text, cut where it is longer than `most` characters."""
    value = value or ""
    return text(value if len(value) <= most else f"{value[:most]}…")


def block(value: str | None) -> str:
    """A preformatted block of text, cut where it is very long."""
    if value is None:
        return '<pre class="dim">no reply</pre>'
    more = len(value) - REPLY_CHARS
    return f"<pre>{text(value[:REPLY_CHARS])}{f'… {more:,} characters more' if more > 0 else ''}</pre>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[int] = ()) -> str:
    """An HTML table of cells that are HTML already. A row of one cell heads those below it.

    `numbers` are the columns set to the right.
    """

    def line(cells: Sequence[str], tag: str) -> str:
        if len(cells) == 1 < len(head):
            return f'<tr class="group"><td colspan="{len(head)}">{cells[0]}</td></tr>'
        tagged = (
            f'<{tag} class="n">{c}</{tag}>' if i in numbers else f"<{tag}>{c}</{tag}>" for i, c in enumerate(cells)
        )
        return f"<tr>{''.join(tagged)}</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


def png(data: bytes, name: str) -> str:
    return f'<img alt="{text(name)}" src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def thumbnail(name: str, file: Readable) -> str:
    """A thumbnail of an image file; its name and the reason where it cannot be shown."""
    seen = look({name: file}, THUMBNAIL)[name]
    if not seen.ok:
        return f'<p class="dim">{text(name)} cannot be shown: {text(seen.detail or seen.reason)}</p>'
    return f'<img alt="{text(name)}" src="data:image/jpeg;base64,{base64.b64encode(seen.thumbnail).decode()}">'
