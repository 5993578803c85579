"""Rules over many items: one broken item, and the judge's calls asked together."""

from __future__ import annotations

from tests.evaluation.families.scored import COLOURS
from tests.evaluation.judged import Judge
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import score_items


def test_one_broken_item_does_not_stop_the_others():
    def broken(item, reply):
        if item.item == "2":
            raise ZeroDivisionError
        return (yield from family("choice").strict(item, reply))

    items = [Item("S", str(i), "Which?", options=COLOURS, answer="B") for i in range(4)]
    scored = score_items([(broken, item, "B") for item in items], None)
    assert [f.score for f in scored] == [1.0, 1.0, None, 1.0]
    assert scored[2].verdict == "error"


def test_judge_calls_of_all_items_are_asked_together():
    rounds = []
    judge = Judge(option_choice={"letter": "B"})
    items = [Item("S", str(i), "Which?", options=COLOURS, answer="B") for i in range(5)]
    score_items(
        [(family("choice").strict, i, "the cold one") for i in items], lambda r: rounds.append(len(r)) or judge(r)
    )
    assert rounds == [5]
