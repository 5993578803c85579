"""Which row comes next for whom."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

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
    way = [int(place.sample_id, 16) for place in queue("ann").places]
    mine = queue("ann", said("ann", way[0], way[1]), said("bob", way[2]))
    assert mine.following().number == 3 and (mine.judged, mine.own, mine.left) == (3, 2, 197)
    assert mine.following(7).number == 7
    assert mine.last == SAMPLE[way[1]]["sample_id"] and mine.named(SAMPLE[way[2]]["sample_id"]).said == {"bob": "right"}
    end = queue("ann", said("ann", *way[1:]))
    assert end.following(150).number == 0  # skipped at the beginning
    assert queue("ann", said("ann", *range(200))).following() is None


def test_a_share_of_what_others_judged_comes_again_and_the_same_share_for_everybody():
    by_bob = said("bob", *range(200))
    assert queue("ann", by_bob).left == 0 and queue("ann", by_bob, again=1).left == 200
    some = [place.number for place in queue("ann", by_bob, again=0.3).places if place.open]
    assert len(some) == 60 and max(some) > 150 and min(some) < 50  # spread over the order of the draw
    assert some == [place.number for place in queue("eve", by_bob, again=0.3).places if place.open]


def test_a_way_is_a_persons_own_but_where_everybody_judges_and_stays_as_verdicts_come_in():
    def way(person: str, *verdicts):
        return [place.sample_id for place in queue(person, *verdicts, again=0.3).places]

    drawn = [row["sample_id"] for row in SAMPLE]
    assert way("") == drawn and sorted(way("ann")) == drawn and way("ann") != drawn
    assert way("ann", said("bob", *range(90))) == way("ann")
    together = sum(a == b for a, b in zip(way("ann"), way("bob"), strict=True))
    assert 60 <= together < 66


@pytest.mark.parametrize("uneven", [0.0, 0.3, 0.9])
def test_people_who_judge_at_once_both_judge_the_chosen_share_and_hardly_more(uneven):
    """Each is shown the next row when the last is judged, and does not see what the other says meanwhile."""
    drawn = random.Random(1)
    verdicts = []
    shown = {"ann": (0.0, queue("ann", again=0.3).following()), "bob": (0.0, queue("bob", again=0.3).following())}
    while working := [person for person, (_, place) in shown.items() if place]:
        person = min(working, key=lambda who: shown[who][0])
        now, place = shown[person]
        now += 1 + uneven * drawn.uniform(-1, 1)
        row = {"sample_id": place.sample_id, "person": person, "verdict": "right"}
        verdicts.append(row | {"recorded_at": BEGAN + timedelta(seconds=now), "at": now})
        seen = [verdict for verdict in verdicts if verdict["at"] <= now]
        shown[person] = now, queue(person, seen, again=0.3).following(place.number + 1)
    judged = {verdict["sample_id"] for verdict in verdicts}
    assert len(judged) == len(SAMPLE) and 60 <= len(verdicts) - len(judged) <= 70


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
