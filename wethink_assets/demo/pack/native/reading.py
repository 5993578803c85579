"""Sources about text in images: TextVQA, DocVQA, OCR-VQA, ChartQA.

Belongs here: their questions, tokens, tables and listings as the projects write them. Does not belong here: reading
them (wethink_assets/sources/readers/), what is written in a picture (kinds/writing.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wethink_assets.demo.pack.native.graphs import questions
from wethink_assets.demo.pack.native.streams import dump, dump_array, dump_mapping, dump_object, replacing
from wethink_assets.demo.pack.plan import Picture, Pictures


def write_textvqa(folder: Path, pictures: Pictures) -> None:
    for split in ("train", "val"):
        head = {"dataset_type": split, "dataset_name": "textvqa", "dataset_version": "0.5.1"}
        dump_object(
            folder / f"TextVQA_0.5.1_{split}.json",
            head,
            {"data": (r for p in pictures if p.split == split for r in _textvqa(p))},
        )
        dump_object(
            folder / f"TextVQA_Rosetta_OCR_v0.2_{split}.json",
            {**head, "dataset_version": "0.2"},
            {"data": (_tokens(p) for p in pictures if p.split == split)},
        )


def _tokens(p: Picture) -> dict[str, Any]:
    """Rosetta's reading of an image: words, and boxes as shares of its size."""
    words = [t["word"] for t in p.scene.tokens]
    boxes = [
        {
            "word": t["word"],
            "bounding_box": {
                "width": round(t["w"] / p.width, 6),
                "height": round(t["h"] / p.height, 6),
                "rotation": 0.0,
                "top_left_x": round(t["x"] / p.width, 6),
                "top_left_y": round(t["y"] / p.height, 6),
            },
        }
        for t in p.scene.tokens
    ]
    return {"image_id": f"{p.number:016x}", "ocr_tokens": words, "ocr_info": boxes}


def _textvqa(p: Picture) -> Iterator[dict[str, Any]]:
    for i, (question, answer) in enumerate(questions(p)):
        wrong = next((x.wrong for x in p.scene.items if x.question == question), answer)
        # Ten annotators; one or two of them are wrong.
        answers = [answer.lower()] * (8 + p.position % 2) + [wrong.lower()] * (2 - p.position % 2)
        yield {
            "question": question.lower(),
            "image_id": f"{p.number:016x}",
            "image_classes": ["Sign", "Poster"],
            "flickr_original_url": "",
            "flickr_300k_url": "",
            "image_width": p.width,
            "image_height": p.height,
            "answers": answers,
            "question_tokens": question.lower().rstrip("?").split(),
            "question_id": p.position * 10 + i,
            "set_name": p.split,
        }


def write_docvqa(folder: Path, pictures: Pictures) -> None:
    for split in ("train", "val"):
        head = {"dataset_name": "SP-DocVQA", "dataset_version": "1.0", "dataset_split": split}
        dump_object(
            folder / f"{split}_v1.0_withQT.json",
            head,
            {"data": (r for p in pictures if p.split == split for r in _docvqa(p))},
        )


def _docvqa(p: Picture) -> Iterator[dict[str, Any]]:
    page = p.file_name.rsplit(".", 1)[0]
    document, number = page.rsplit("_", 1)
    for i, (question, answer) in enumerate(questions(p)):
        yield {
            "questionId": p.number * 10 + i,
            "question": question,
            "question_types": ["form"] if "total" in question else ["layout"],
            "image": f"documents/{p.file_name}",
            "docId": p.number,
            "ucsf_document_id": document,
            "ucsf_document_page_no": number,
            "answers": list(dict.fromkeys((answer, answer.upper()))),
            "data_split": p.split,
        }


def write_ocr_vqa(folder: Path, pictures: Pictures) -> None:
    """`split` is 1, 2 or 3; questions and answers are parallel lists."""

    def record(p: Picture) -> dict[str, Any]:
        e = p.scene.extra
        title, author, genre = e.get("title", p.scene.kind), e.get("author", ""), e.get("genre", "Reference")
        asked = [
            ("Who is the author of this book?", author),
            ("What is the title of this book?", title),
            ("What type of book is this?", genre),
            (f"Is this a {genre.lower()} book?", "Yes"),
            *questions(p),
        ]
        return {
            "imageURL": f"http://ecx.images-amazon.com/images/I/{p.number:010d}.jpg",
            "questions": [q for q, _ in asked],
            "answers": [a for _, a in asked],
            "title": title,
            "authorName": author,
            "genre": genre,
            "split": 1 + p.position % 3,
        }

    dump_mapping(folder / "dataset.json", ((p.file_name.rsplit(".", 1)[0], record(p)) for p in pictures))


def write_chartqa(folder: Path, pictures: Pictures) -> None:
    """Labels are strings, also for numbers and lists; tables are CSV with CRLF."""
    dump_array(
        folder / "train/train_human.json",
        ({"imgname": p.file_name, "query": q, "label": _label(a)} for p in pictures for q, a in questions(p)),
    )
    dump_array(
        folder / "train/train_augmented.json",
        (
            {"imgname": p.file_name, "query": f"What was the value of {row[0]}?", "label": row[1]}
            for p in pictures
            if p.scene.table
            for row in p.scene.table[1:]
        ),
    )
    for p in pictures:
        stem = p.file_name.rsplit(".", 1)[0]
        table = folder / f"train/tables/{stem}.csv"
        if table.exists():
            continue
        rows = p.scene.table or (("Entity", "Value"), (p.scene.caption.replace(",", ";"), "nan"))
        with replacing(table, newline="") as out:
            out.write("".join(",".join(row) + "\r\n" for row in rows))
        dump(
            folder / f"train/annotations/{stem}.json",
            {
                "type": {"bar_chart": "v_bar", "line_chart": "line", "pie_chart": "pie"}.get(p.scene.kind, "other"),
                "general_figure_info": {
                    "title": {"text": p.scene.extra.get("measure", "")},
                    "figure_info": {"bbox": {"x": 0, "y": 0, "w": p.width, "h": p.height}},
                },
                "models": [{"name": row[0], "y": [row[1]], "color": p.scene.colour} for row in rows[1:]],
            },
        )


def _label(answer: str) -> str:
    return f"[{answer}]" if ", " in answer else answer
