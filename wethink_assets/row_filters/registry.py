"""The row filters in their order: of questions before a rewriter is paid, then of paths, the cheapest first.

Belongs here: names, order, what each is for. Does not belong here: any filter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wethink_assets.row_filters import path_form, path_language, path_steps, questions
from wethink_assets.row_filters.candidate import Candidate


@dataclass(frozen=True)
class RowFilter:
    """A filter: its name is the reason code of the rows that it drops, `look` says why a row is dropped, or None.

    `of_path`: it reads the reasoning path, so that a row without one cannot be asked.
    """

    name: str
    what: str
    look: Callable[[Candidate], str | None]
    of_path: bool = True


FILTERS: tuple[RowFilter, ...] = (
    RowFilter("answer_in_question", "The question holds its answer.", questions.answer_in_question, of_path=False),
    RowFilter("two_right_options", "Two options say the same.", questions.two_right_options, of_path=False),
    RowFilter("path_names_description", "The path speaks of a description.", path_form.names_description),
    RowFilter("path_gives_answer_first", "The first sentence is the conclusion.", path_form.gives_answer_first),
    RowFilter("path_changes_language", "The path changes to another language.", path_language.changes_language),
    RowFilter("path_loops", "The path repeats a phrase three times.", path_form.loops),
    RowFilter("path_contradicts_itself", "Two statements exclude each other.", path_steps.contradicts_itself),
    RowFilter("path_wrong_step", "A computation does not hold.", path_steps.wrong_step),
    RowFilter("path_ends_elsewhere", "The end of the path does not say the answer.", path_steps.ends_elsewhere),
)
NAMES = tuple(row_filter.name for row_filter in FILTERS)


def refusals(row: Candidate, *, of_path: bool) -> dict[str, str]:
    """Every filter of paths, or of questions alone, that drops a row, in their order, with what it says of it."""
    return {f.name: detail for f in FILTERS if f.of_path == of_path and (detail := f.look(row))}
