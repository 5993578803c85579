"""Files for other tools, read as those tools read them."""

from __future__ import annotations

import hashlib
import json

import openpyxl
import pytest

from tests.evaluation.parity import synthetic
from wethink_assets.benchmark_sets.registry import BENCHMARKS, BY_NAME
from wethink_assets.benchmark_sets.tsv import item_row
from wethink_assets.evaluation.report import exports

NASTY = (
    "=1+1",
    "+A",
    "-3",
    "@x",
    "None",
    "nan",
    "",
    "007",
    "1e5",
    "http://x.invalid",
    "<b>&amp;</b>",
    "line\nbreak\ttab",
    '"quoted"',
    "三个苹果",
    "_x0041_",
    "bell\x07 and\x0b more",
    "  spaces  ",
    "TRUE",
    "3/4",
    "2020-01-01",
)
# What lmms-eval's --log_samples writes of each sample: evaluator.py builds it, loggers/evaluation_tracker.py puts
# `input` in and takes `arguments` and `doc` out; each metric is a key of its own.
LMMS_EVAL_KEYS = {"doc_id", "target", "resps", "filtered_resps", "doc_hash", "prompt_hash", "target_hash", "input"}


def answer(item: dict, reply: str, **more):
    return {
        **item,
        "prompt": f"Asked: {item['question']}",
        "reply": reply,
        "extracted": reply[:9],
        "score": 1.0,
        "vlmevalkit_score": 0.0,
        **more,
    }


def answers_of(name: str) -> list[dict]:
    answers = []
    for position, (row, _) in enumerate(synthetic.rows(name)):
        texts = {k: str(v) for k, v in row.items() if k != "prediction"}
        answers.append(answer(item_row(name, position, texts["index"], texts), row["prediction"]))
    return answers


@pytest.fixture
def nasty():
    item = item_row("MMStar", 0, "1", {"question": "Q", "A": "x", "B": "y", "answer": "A"})
    return [answer({**item, "item": str(i), "question": text or "?"}, text) for i, text in enumerate(NASTY)]


@pytest.mark.parametrize("name", [b.name for b in BENCHMARKS])
def test_vlmevalkit_reads_the_same_table_from_both_of_its_formats(name, tmp_path):
    pandas = pytest.importorskip("pandas")
    tsv, xlsx = exports.export(tmp_path, "vlmevalkit", "a/policy", BY_NAME[name], answers_of(name)).files
    assert (tsv.name, xlsx.name) == (f"a_policy_{name}.tsv", f"a_policy_{name}.xlsx")
    first, second = pandas.read_csv(tsv, sep="\t"), pandas.read_excel(xlsx)
    assert list(first.columns) == list(second.columns) and first.columns[-1] == "prediction"
    assert (
        first["index"].tolist()
        == second["index"].tolist()
        == [type(first["index"].iloc[0])(r["index"]) for r, _ in synthetic.rows(name)]
    )
    same = (first == second) | (first.isna() & second.isna())
    different = [(c, first[c][i], second[c][i]) for c in first.columns for i in first.index[~same[c]]]
    assert all(str(a).strip() == str(b).strip() for _, a, b in different), different[:5]


def test_no_reply_becomes_a_formula_or_breaks_the_workbook(nasty, tmp_path):
    exported = exports.export(tmp_path, "vlmevalkit", "p", BY_NAME["MMStar"], nasty)
    sheet = openpyxl.load_workbook(exported.files[1]).active
    cells = [row[-1] for row in sheet.iter_rows(min_row=2)]
    assert all(cell.data_type in "sn" and (cell.value is None or isinstance(cell.value, str)) for cell in cells)
    assert [c.value or "" for c in cells] == [t.replace("\x07", "").replace("\x0b", "") for t in NASTY]
    assert [c.value for c in cells if c.quotePrefix] == ["=1+1", "+A", "@x"], "they stay text when they are edited"
    assert "6 cells begin like a formula" in exported.notes[0] and "open the .xlsx" in exported.notes[0]


def test_a_cell_longer_than_a_workbook_holds_is_cut_and_said(nasty, tmp_path):
    nasty[0]["reply"] = "long " * 10_000
    exported = exports.export(tmp_path, "vlmevalkit", "p", BY_NAME["MMStar"], nasty)
    assert exported.notes[:1] == [
        "p_MMStar.xlsx: 1 cells were longer than 32,767 characters and are cut; the .tsv has them whole"
    ]
    assert len(openpyxl.load_workbook(exported.files[1]).active.cell(2, 6).value) <= 32_767
    assert "long " * 10_000 in exported.files[0].read_text("utf-8")


def test_samples_have_the_keys_of_lmms_eval(nasty, tmp_path):
    nasty[3] |= {"answer": None, "reply": None, "extracted": None, "score": None}
    (path,) = exports.export(tmp_path, "lmms-eval", "p", BY_NAME["MMStar"], nasty).files
    samples = [json.loads(line) for line in path.open(encoding="utf-8")]
    for position, (sample, row) in enumerate(zip(samples, nasty, strict=True)):
        assert set(sample) == LMMS_EVAL_KEYS | {"doc", "strict_accuracy", "vlmevalkit_score"}
        assert sample["doc_id"] == position and sample["input"] == row["prompt"]
        assert (
            isinstance(sample["target"], str)
            and isinstance(sample["resps"][0][0], str)
            and isinstance(sample["filtered_resps"][0], str)
        )
        assert sample["target_hash"] == hashlib.sha256(sample["target"].encode()).hexdigest()
    assert samples[3]["strict_accuracy"] is None and samples[3]["target"] == ""


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(KeyError):
        exports.export(tmp_path, "pickle", "p", BY_NAME["MMStar"], [])
