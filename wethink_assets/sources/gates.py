"""A source's quality gates: licences and annotation files of a growth batch, read back from the lake.

Belongs here: what a source's rows must say. Pure. Does not belong here: reading annotations (annotate.py), committing
(assets.py).
"""

from __future__ import annotations

from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.sources.source import Source

LICENCES = "licence_present"
ANNOTATIONS = "annotations_readable"
PROBLEMS = "annotation_problems"  # the note of a commit that holds them, each as text
OTHERS = "files_of_other_formats"  # the note of those that only lie beside the source's own, which is no fault


def source_gates(source: Source) -> tuple[Gate, ...]:
    """The gates of one source's asset."""

    def licences(scope: Scope) -> Outcome:
        rows = scope.rows("sources/count_licences", source=source.key)
        missing = sum(row["images"] for row in rows if not row["licence"].strip())
        names = [row["licence"] for row in rows]
        return Outcome(not missing, metadata={"without_licence": missing, "licences": names[:20]})

    return (
        Gate(
            LICENCES,
            "Images whose terms of use cannot be looked up: every stored image says its licence.",
            licences,
            True,
        ),
        Gate(
            ANNOTATIONS,
            "Images that go on without what their source says of them, since an annotation file is broken or refused.",
            _annotations,
        ),
    )


def _annotations(scope: Scope) -> Outcome:
    problems = scope.details().get(PROBLEMS, [])
    others = scope.details().get(OTHERS, [])
    described = "; ".join(problems or ["every annotation file found was read to its end", *others])[:1000]
    return Outcome(not problems, described, {"problems": len(problems), "files_of_other_formats": len(others)})
