"""The page on which a person judges rows (annotation page): picture, question, answer and path, one row at a time.

Belongs here: its HTML. It is one file that loads nothing and sends nothing: verdicts leave it as a table that the
person saves. Does not belong here: reading that table (verdicts.py).

Text of rows is hostile and stands escaped; the page's only script is its own, named by its hash in the content policy.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wethink_assets.auditing.verdicts import VERDICTS
from wethink_assets.decoding.inspect import Inspected
from wethink_assets.evaluation.report.html import block, text
from wethink_assets.presentation.thumbnails import Readable, look

PICTURE = 640  # pixels of the longer side
_SCRIPT = """
const rows=[...document.querySelectorAll('fieldset')],keys=%KEYS%;let at=0;
const radio=(r,v)=>r.querySelector('input[value="'+v+'"]');
function go(n){at=Math.min(Math.max(n,0),rows.length-1);rows[at].scrollIntoView({block:'start'});
rows[at].focus();told();}
function told(){const done=rows.filter(r=>r.querySelector('input:checked')).length;
document.getElementById('done').textContent=done+' of '+rows.length+' judged';}
document.addEventListener('keydown',e=>{if(e.target.tagName==='TEXTAREA'||e.ctrlKey||e.metaKey||e.altKey)return;
if(keys[e.key]){radio(rows[at],keys[e.key]).checked=true;go(at+1);}
else if(e.key==='j'||e.key==='n')go(at+1);else if(e.key==='k'||e.key==='p')go(at-1);else return;e.preventDefault();});
rows.forEach((r,n)=>r.addEventListener('focusin',()=>{at=n;}));
document.addEventListener('change',told);
document.getElementById('save').addEventListener('click',()=>{
const clean=s=>s.replace(/[\\t\\r\\n]+/g,' '),lines=['sample_id\\tverdict\\tnote'];
for(const r of rows){const v=r.querySelector('input:checked');
if(v)lines.push([r.dataset.id,v.value,clean(r.querySelector('textarea').value)].join('\\t'));}
const a=document.createElement('a');
a.href=URL.createObjectURL(new Blob([lines.join('\\n')+'\\n'],{type:'text/tab-separated-values'}));
a.download='audit-filled.tsv';a.click();});told();
"""
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1180px;padding:0 1rem 60vh;color:#1c2733}
header{position:sticky;top:0;background:#fff;border-bottom:1px solid #9aa5b1;padding:.6rem 0;z-index:1}
fieldset{border:0;border-bottom:1px solid #d5dbe1;margin:0;padding:1rem 0 1.5rem;display:grid;
scroll-margin-top:7rem;
grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1.5rem}
fieldset:focus{outline:none;background:#f7f8fa}img{max-width:100%;height:auto}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f7f8fa;padding:.6rem;margin:.3rem 0}
pre{max-height:24rem;overflow:auto}label{display:block;padding:.15rem 0}
kbd{border:1px solid #9aa5b1;border-radius:3px;padding:0 .35rem;font:12px monospace}
textarea{width:100%;box-sizing:border-box}.dim{color:#5b6673}button{font:inherit}
"""


def write(path: Path, title: str, rows: Sequence[Mapping[str, Any]], files: Mapping[str, Readable]) -> Path:
    """Write the page atomically; `files` are pictures by image id, of which one that cannot be shown says why."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(_page(title, rows, files))
    part.replace(path)
    return path


def _page(title: str, rows: Sequence[Mapping[str, Any]], files: Mapping[str, Readable]) -> Iterable[str]:
    keys = {str(number): verdict for number, verdict in enumerate(VERDICTS, 1)}
    script = _SCRIPT.replace("%KEYS%", str(keys))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{text(title)}</title>'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style>'
    told = " ".join(f"<kbd>{key}</kbd> {text(verdict)}: {VERDICTS[verdict]}." for key, verdict in keys.items())
    yield f'<header><b>{text(title)}</b> <span id="done" aria-live="polite"></span> '
    yield '<button id="save">Save verdicts</button>'
    yield f'<div class="dim">{told} <kbd>j</kbd> next, <kbd>k</kbd> back.</div></header>'
    seen = look(files, PICTURE)
    for number, row in enumerate(rows, 1):
        yield _row(number, row, seen.get(row["image_id"]))
    yield f"<script>{script}</script></html>\n"


def _row(number: int, row: Mapping[str, Any], seen: Inspected | None) -> str:
    name = f"r{number}"
    choices = "".join(
        f'<label><input type="radio" name="{name}" value="{verdict}"> <kbd>{key}</kbd> {verdict}</label>'
        for key, verdict in enumerate(VERDICTS, 1)
    )
    return (
        f'<fieldset tabindex="-1" data-id="{text(row["sample_id"])}"><div>{_picture(row, seen)}'
        f'<p class="dim">{number}. {text(row["source"])}, {text(row["category"])}, {text(row["image_path"])}</p></div>'
        f"<div><b>Question</b>{block(row['problem'])}<b>Answer</b>{block(row['answer'])}"
        f"<b>Path</b>{block(row['refined_cot'])}{choices}"
        f'<textarea aria-label="note" rows="2" placeholder="note"></textarea></div></fieldset>\n'
    )


def _picture(row: Mapping[str, Any], seen: Inspected | None) -> str:
    if seen is None:
        return '<p class="dim">the picture is gone</p>'
    if not seen.ok:
        return f'<p class="dim">the picture cannot be shown: {text(seen.detail or seen.reason)}</p>'
    data = base64.b64encode(seen.thumbnail).decode()
    return f'<img alt="{text(row["image_path"])}" src="data:image/jpeg;base64,{data}">'
