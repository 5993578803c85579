"""Export of predictions to other tools' files: VLMEvalKit's prediction workbook and TSV, lmms-eval's samples JSONL.

Belongs here: their columns and keys. Does not belong here: which policies and sets (the caller's). Images are not
repeated.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.report.items import Answer
from wethink_assets.presentation.spreadsheet import is_formula

FORMATS = ("vlmevalkit", "lmms-eval")
CELL_CHARS = 32_767  # the most that a cell of a workbook holds
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Exported:
    """The exported files, with notes for their readers."""

    files: list[Path]
    notes: list[str] = field(default_factory=list)


def safe(name: str) -> str:
    """A file name that is one part of a path, whatever a policy is called."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "policy"


def export(folder: Path, form: str, policy: str, benchmark: Benchmark, answers: Sequence[Answer]) -> Exported:
    """Export a policy's predictions on one set in a format of `FORMATS`.

    Raises:
        KeyError: there is no such format.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return {"vlmevalkit": vlmevalkit, "lmms-eval": lmms_eval}[form](folder, policy, benchmark, answers)


def vlmevalkit(folder: Path, policy: str, benchmark: Benchmark, answers: Sequence[Answer]) -> Exported:
    """VLMEvalKit's prediction files `<model>_<set>.xlsx` and `.tsv`: the set's columns and `prediction`.

    VLMEvalKit takes the one that PRED_FORMAT names, .xlsx unless it is set; its reader finds the same table in both.

    MMBench's replies are cut to their answer part, as the paper's wrapper does before it writes them [A].
    """
    exported = family(benchmark.rule).exported
    rows = []
    for answer in answers:
        options = dict(zip(string.ascii_uppercase, answer["options"] or (), strict=False))
        reply = answer["reply"] or ""
        rows.append(
            {
                "index": answer["item"],
                "question": answer["question"],
                "hint": answer["hint"],
                **options,
                "answer": answer["answer"],
                "category": answer["category"],
                "split": answer["split"],
                **_extra(answer),
                "prediction": exported(reply),
            }
        )
    used = {key for row in rows for key, value in row.items() if value not in (None, "")} | {
        "index",
        "question",
        "prediction",
    }
    filled = [
        key
        for key in dict.fromkeys(k for row in rows for k in row)
        if key in used and key not in ("image", "image_path")
    ]
    columns = [*[c for c in filled if c != "prediction"], "prediction"]
    table = [["" if row.get(c) is None else str(row[c]) for c in columns] for row in rows]
    name = f"{safe(policy)}_{safe(benchmark.name)}"
    with (folder / f"{name}.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([columns, *table])
    cut = _workbook(folder / f"{name}.xlsx", [columns, *table])
    notes = []
    if cut:
        notes.append(
            f"{name}.xlsx: {cut} cells were longer than {CELL_CHARS:,} characters and are cut; the .tsv has them whole"
        )
    if formulas := sum(is_formula(value) for row in table for value in row):
        notes.append(
            f"{name}.tsv: {formulas} cells begin like a formula and stand as they are, since VLMEvalKit reads them: "
            "in a spreadsheet open the .xlsx, where they are text"
        )
    return Exported([folder / f"{name}.tsv", folder / f"{name}.xlsx"], notes)


def _workbook(path: Path, table: Sequence[Sequence[str]]) -> int:
    """Write rows of text as the only sheet of a workbook; returns how many cells had to be cut.

    Every cell is text, whatever it begins with: a reply "=1+1" is no formula. Readers infer types as from a TSV.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("predictions")
    cut = 0
    for row in table:
        cells = []
        for value in row:
            text = _NOT_IN_XML.sub("", value)
            cut += len(text) > CELL_CHARS
            cell = WriteOnlyCell(sheet, text[:CELL_CHARS])
            cell.data_type = "s"
            if is_formula(text):
                cell.quotePrefix = True  # it stays text when a person edits it
            cells.append(cell if text else None)
        sheet.append(cells)
    book.save(path)
    return cut


def lmms_eval(folder: Path, policy: str, benchmark: Benchmark, answers: Sequence[Answer]) -> Exported:
    """lmms-eval's samples, `<model>_samples_<set>.jsonl`: one sample per line, with the keys of its --log_samples.

    `doc` is there too, which it leaves out since its readers have the data set at hand.
    """
    path = folder / f"{safe(policy)}_samples_{safe(benchmark.name)}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for position, answer in enumerate(answers):
            doc = {
                "index": answer["item"],
                "question": answer["question"],
                "hint": answer["hint"],
                "options": list(answer["options"] or ()),
                "category": answer["category"],
                "split": answer["split"],
                **_extra(answer),
            }
            target = answer["answer"] or ""  # always text there; "" where the set hides it
            sample = {
                "doc_id": position,
                "target": target,
                "input": answer["prompt"],
                "resps": [[answer["reply"] or ""]],
                "filtered_resps": [answer["extracted"] or ""],
                "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
                "prompt_hash": _hash(answer["prompt"]),
                "target_hash": _hash(target),
                "doc": doc,
                benchmark.metric: answer["score"],
                "vlmevalkit_score": answer["vlmevalkit_score"],
            }
            file.write(json.dumps(sample, ensure_ascii=False) + "\n")
    return Exported([path])


def _extra(answer: Answer) -> dict[str, Any]:
    extra = answer["extra"] or {}
    return json.loads(extra) if isinstance(extra, str) else dict(extra)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
