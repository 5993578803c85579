"""Which row comes next for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wethink_assets.auditing.estimate import course, report
from wethink_assets.auditing.queue import Queue

SAMPLE = [{"sample_id": f"{n:03x}", "source": "gqa", "category": "MC"} for n in range(200)]
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def said(person: str, *rows: int, verdict: str = "right"):
    at = iter(range(10_000))
    return [
        SAMPLE[n] | {"person": person, "verdict": verdict, "recorded_at": BEGAN + timedelta(next(at))} for n in rows
    ]


def queue(person: str, *verdicts, again: float = 0.0):
    return Queue(SAMPLE, [v for some in verdicts for v in some], person, again=again, seed=0)


def test_a_person_goes_on_after_what_was_judged_and_comes_back_to_what_was_skipped():
    mine = queue("ann", said("ann", 0, 1), said("bob", 2))
    assert mine.following().number == 3 and (mine.judged, mine.own, mine.left) == (3, 2, 197)
    assert mine.following(7).number == 7
    assert mine.last == SAMPLE[1]["sample_id"] and mine.named("002").said == {"bob": "right"}
    end = queue("ann", said("ann", *range(1, 200)))
    assert end.following(150).number == 0  # skipped at the beginning
    assert queue("ann", said("ann", *range(200))).following() is None


def test_a_share_of_what_others_judged_comes_again_and_the_same_share_for_everybody():
    by_bob = said("bob", *range(200))
    assert queue("ann", by_bob).left == 0 and queue("ann", by_bob, again=1).left == 200
    some = [place.number for place in queue("ann", by_bob, again=0.3).places if place.open]
    assert 40 <= len(some) <= 80 and max(some) > 150 and min(some) < 50  # spread over the order of the draw
    assert some == [place.number for place in queue("eve", by_bob, again=0.3).places if place.open]


def test_what_stands_outside_the_sample_counts_nowhere_in_its_queue():
    other = [{**SAMPLE[0], "sample_id": "elsewhere", "person": "ann", "verdict": "wrong", "recorded_at": BEGAN}]
    mine = queue("ann", other)
    assert (mine.judged, mine.last, mine.named("elsewhere")) == (0, "", None)


def test_the_estimate_grows_with_the_verdicts_and_ends_as_the_report():
    verdicts = said("ann", *range(60)) + said("bob", *range(60, 80), verdict="wrong")
    strata = {("gqa", "MC"): 5_000}
    grown = course(verdicts, strata, 8)
    assert [one.rows for one in grown] == sorted(one.rows for one in grown) and len(grown) == 8
    assert grown[-1] == report(verdicts, strata).error
    assert grown[0].high - grown[0].low > grown[-1].high - grown[-1].low
    assert course([], strata, 8) == []
