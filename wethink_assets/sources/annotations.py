"""Image annotations: captions, objects, boxes, relations, OCR tokens, tables and questions of an image, as one type.

What a source says of an image is its context, whatever the native format.

Belongs here: the types, their limits, and JSON both ways. Does not belong here: any native format (readers/).

A context travels in `source_images.context` and into prompts, so it is bounded: lists are cut at the
limits below and `cut` says how many entries were left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

LIMITS = {
    "captions": 24,
    "objects": 64,
    "relations": 64,
    "text_tokens": 256,
    "table": 64,
    "qa": 48,
    "facts": 24,
    "attributes": 12,
    "answers": 12,
    "options": 12,
    "cells": 24,
}
TEXT_LIMIT = 2_000  # characters of any one text
JSON_LIMIT = 65_536  # characters of the whole context

Box = tuple[float, float, float, float]  # x, y, width, height in pixels of the stored image


def clean(text: Any, limit: int = TEXT_LIMIT) -> str:
    """Text without control characters, lone surrogates or outer space, cut to `limit` characters.

    Numbers become text (annotation files mix both); everything else is ''.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        return ""
    if isinstance(text, int) and abs(text) >= 10**300:
        return ""
    kept = str(text)[: limit * 2]
    if not kept.isprintable():
        kept = "".join(c if c.isprintable() or c in "\n\t" else " " for c in kept)
    return kept.strip()[:limit].strip()


@dataclass(frozen=True)
class ObjectAnnotation:
    """An object in the image."""

    name: str
    box: Box | None = None
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    subject: str
    predicate: str
    object: str


@dataclass(frozen=True)
class OcrToken:
    """Text that is printed in the image."""

    text: str
    box: Box | None = None


@dataclass(frozen=True)
class Table:
    """The data behind a chart. A cell without a value is ''."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class QA:
    """A native question. `answers` holds every annotator's answer; for a choice, the right option's text."""

    question: str
    answers: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class ImageAnnotations:
    """All that the source's annotations say about one image. Empty where there are none."""

    captions: tuple[str, ...] = ()
    objects: tuple[ObjectAnnotation, ...] = ()
    relations: tuple[Relation, ...] = ()
    text_tokens: tuple[OcrToken, ...] = ()
    table: Table | None = None
    qa: tuple[QA, ...] = ()
    masks: int = 0
    facts: tuple[tuple[str, str], ...] = ()  # named facts that fit nowhere else, such as ('genre', 'Baroque')
    cut: Mapping[str, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return self == ImageAnnotations()

    @property
    def entries(self) -> int:
        """Number of list entries of all kinds."""
        lists = (self.captions, self.objects, self.relations, self.text_tokens, self.qa, self.facts)
        return sum(map(len, lists))

    def plus(self, other: ImageAnnotations) -> ImageAnnotations:
        """Both contexts, this one's entries first; the first table stays."""
        cut = dict(self.cut)
        for name, count in other.cut.items():
            cut[name] = cut.get(name, 0) + count
        return ImageAnnotations(
            self.captions + other.captions,
            self.objects + other.objects,
            self.relations + other.relations,
            self.text_tokens + other.text_tokens,
            self.table or other.table,
            self.qa + other.qa,
            self.masks + other.masks,
            self.facts + other.facts,
            cut,
        )

    def bounded(self) -> ImageAnnotations:
        """Cleaned, without repeated entries, and within the limits."""
        cut = dict(self.cut)

        def first(name: str, entries: Iterable[Any]) -> tuple[Any, ...]:
            kept = list(dict.fromkeys(entries))
            if len(kept) > LIMITS[name]:
                cut[name] = cut.get(name, 0) + len(kept) - LIMITS[name]
            return tuple(kept[: LIMITS[name]])

        bounded = ImageAnnotations(
            captions=first("captions", filter(None, map(clean, self.captions))),
            objects=first("objects", (_thing(o) for o in self.objects if clean(o.name))),
            relations=first("relations", (_relation(r) for r in self.relations if clean(r.predicate))),
            text_tokens=first("text_tokens", (_token(t) for t in self.text_tokens if clean(t.text))),
            table=_table(self.table, cut),
            qa=first("qa", (_qa(q) for q in self.qa if clean(q.question))),
            masks=max(0, int(self.masks)),
            facts=first("facts", _facts(self.facts)),
            cut=cut,
        )
        return bounded if len(bounded._dump()) <= JSON_LIMIT else bounded._halved()

    def _halved(self) -> ImageAnnotations:
        """Rare: long texts within the list limits can still pass the limit of the whole. The longest list gives way."""
        names = ("text_tokens", "relations", "objects", "qa", "captions", "facts")
        smaller, cut = self, dict(self.cut)
        while len(smaller._dump()) > JSON_LIMIT:
            name = max(names, key=lambda n: len(_dumps(_jsonable(getattr(smaller, n)))))
            entries = getattr(smaller, name)
            if smaller.table and len(_dumps(_jsonable(smaller.table))) > len(_dumps(_jsonable(entries))):
                rows = smaller.table.rows
                cut["table"] = cut.get("table", 0) + len(rows) - len(rows) // 2
                replaced: dict[str, Any] = {
                    "table": Table(smaller.table.header, rows[: len(rows) // 2]) if rows else None
                }
            else:
                cut[name] = cut.get(name, 0) + len(entries) - len(entries) // 2
                replaced = {name: entries[: len(entries) // 2]}
            values: dict[str, Any] = (
                {f.name: getattr(smaller, f.name) for f in fields(ImageAnnotations)} | replaced | {"cut": cut}
            )
            smaller = ImageAnnotations(**values)
        return smaller

    def _dump(self) -> str:
        values = {f.name: _jsonable(getattr(self, f.name)) for f in fields(self)} | {"facts": dict(self.facts)}
        return _dumps({name: value for name, value in values.items() if value})

    def to_json(self) -> str:
        """Canonical JSON without empty fields; `{}` for an empty context. Bounded first."""
        return self.bounded()._dump()

    @classmethod
    def from_json(cls, text: str | None) -> ImageAnnotations:
        """The context of a stored row.

        Raises:
            ValueError: the text is no context.
        """
        try:
            stored = json.loads(text or "{}")
            table = stored.get("table")
            return cls(
                captions=tuple(stored.get("captions", ())),
                objects=tuple(
                    ObjectAnnotation(o["name"], _stored_box(o), tuple(o.get("attributes", ())))
                    for o in stored.get("objects", ())
                ),
                relations=tuple(
                    Relation(r["subject"], r["predicate"], r["object"]) for r in stored.get("relations", ())
                ),
                text_tokens=tuple(OcrToken(t["text"], _stored_box(t)) for t in stored.get("text_tokens", ())),
                table=Table(tuple(table["header"]), tuple(tuple(row) for row in table["rows"])) if table else None,
                qa=tuple(
                    QA(q["question"], tuple(q.get("answers", ())), tuple(q.get("options", ())), q.get("hint", ""))
                    for q in stored.get("qa", ())
                ),
                masks=int(stored.get("masks", 0)),
                facts=tuple((k, v) for k, v in stored.get("facts", {}).items()),
                cut=stored.get("cut", {}),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"this is no image context: {error!r}") from None


def _stored_box(entry: Mapping[str, Any]) -> Box | None:
    return cast(Box, tuple(entry["box"])) if entry.get("box") else None


def _box(box: Box | None) -> Box | None:
    if box is None or len(box) != 4 or not all(math.isfinite(v) and abs(v) < 1e7 for v in box):
        return None
    return cast(Box, tuple(round(float(v), 2) for v in box))


def _texts(name: str, texts: Iterable[Any]) -> tuple[str, ...]:
    return tuple(filter(None, map(clean, texts)))[: LIMITS[name]]


def _thing(thing: ObjectAnnotation) -> ObjectAnnotation:
    attributes = tuple(dict.fromkeys(_texts("attributes", thing.attributes)))
    return ObjectAnnotation(clean(thing.name, 200), _box(thing.box), attributes)


def _relation(relation: Relation) -> Relation:
    return Relation(clean(relation.subject, 200), clean(relation.predicate, 200), clean(relation.object, 200))


def _token(token: OcrToken) -> OcrToken:
    return OcrToken(clean(token.text), _box(token.box))


def _qa(qa: QA) -> QA:
    return QA(clean(qa.question), _texts("answers", qa.answers), _texts("options", qa.options), clean(qa.hint))


def _facts(facts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sorted by name; the first of equal names stays."""
    named: dict[str, str] = {}
    for name, value in facts:
        if clean(name, 60) and clean(value):
            named.setdefault(clean(name, 60), clean(value))
    return sorted(named.items())


def _table(table: Table | None, cut: dict[str, int]) -> Table | None:
    if table is None:
        return None
    rows = [tuple(clean(c, 200) for c in row[: LIMITS["cells"]]) for row in table.rows[: LIMITS["table"]]]
    if len(table.rows) > len(rows):
        cut["table"] = cut.get("table", 0) + len(table.rows) - len(rows)
    return Table(tuple(clean(c, 200) for c in table.header[: LIMITS["cells"]]), tuple(rows))


def _jsonable(value: Any) -> Any:
    if isinstance(value, (ObjectAnnotation, Relation, OcrToken, QA, Table)):
        return {f.name: v for f in fields(value) if (v := _jsonable(getattr(value, f.name))) or f.name in _ALWAYS}
    if isinstance(value, tuple):
        return [_jsonable(v) for v in value]
    return value


_ALWAYS = {"name", "subject", "predicate", "object", "text", "question", "header", "rows"}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
