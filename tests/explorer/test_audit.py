"""Audit mode over real HTTP: who may write, what is written, and which requests are no one's."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

from resources.lake.store import LakeError, LakeStore, LakeWriteError
from tests.explorer.conftest import LATER
from tests.lineage.every_kind import key
from wethink_assets.auditing.recorded import record, report_of
from wethink_assets.auditing.verdicts import NOTE_CHARS, Judged
from wethink_assets.explorer.audit_pages import Asked, parted
from wethink_assets.explorer.audit_report import band
from wethink_assets.explorer.auditors import Auditors

FIRST = "feedc0de12345678"
JUDGE, UNDO = "/audit/verdict", "/audit/undo"


def token(site, person: str) -> dict[str, str]:
    return {"Authorization": "Bearer " + site.links[person].partition("#token=")[2]}


def post(site, path: str, body, *, headers, **more):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return site.ask(path, "POST", headers={"Content-Type": "application/json", **headers}, body=data, **more)


def judged(site, person: str, verdict: str, note: str = "", release: str = FIRST, sample: str = key("sample")):
    body = {"release": release, "sample": sample, "verdict": verdict, "note": note}
    return post(site, JUDGE, body, headers=token(site, person))


def verdicts(site):
    found = site.store.sql("FROM audit_verdicts ORDER BY sample_id, person").to_dicts()
    return {(row["sample_id"], row["person"]): row for row in found}


@pytest.mark.long
def test_two_people_judge_and_the_report_is_that_of_the_command(site):
    before = verdicts(site)
    assert judged(site, "ann", "wrong", "off by one\u202e<b>").status == 204
    page = site.ask(f"/audit?release={FIRST}", headers=token(site, "ann")).text
    assert "1 by ann" in page and "Every row of this sample is judged" in page and "Not right:" in page
    assert judged(site, "bob", "right").status == 204
    row = verdicts(site)[key("sample"), "ann"]
    assert (row["verdict"], row["release_id"]) == ("wrong", FIRST) and row["recorded_at"].tzinfo
    own = site.ask(f"/audit?release={FIRST}&row={key('sample')}", headers=token(site, "ann")).text
    assert 'aria-pressed="true" aria-keyshortcuts="2"' in own and "off by one\ufffd&lt;b&gt;" in own and "bob" in own
    found = report_of(site.store, FIRST)
    told = f"{found.agreeing} of {found.judged_twice} rows"
    assert found.judged_twice == 1 and told in own and "on which people differ" in own
    assert f"by ann, {row['recorded_at']:%Y-%m-%d}" in site.row(key("sample")).text
    for person in ("ann", "bob"):
        assert post(site, UNDO, {"sample": key("sample")}, headers=token(site, person)).status == 204
    assert post(site, UNDO, {"sample": key("sample")}, headers=token(site, "ann")).status == 404
    assert verdicts(site) == before


def test_a_second_person_sees_the_row_without_the_first_ones_verdict(site):
    assert judged(site, "ann", "unsafe", "hush", LATER, key("orphan")).status == 204
    address = f"/audit?release={LATER}&again="
    assert "hush" not in (page := site.ask(f"{address}100", headers=token(site, "bob")).text)
    assert f'data-sample="{key("orphan")}"' in page and 'aria-pressed="true"' not in page
    assert "Every row of this sample is judged" in site.ask(f"{address}0", headers=token(site, "bob")).text
    assert post(site, UNDO, {"sample": key("orphan")}, headers=token(site, "ann")).status == 204


def test_nothing_is_written_without_a_token_or_for_another_site(site):
    before = verdicts(site)
    right = {"release": FIRST, "sample": key("sample"), "verdict": "right"}
    own = token(site, "ann")
    refused = [
        (post(site, JUDGE, right, headers={}), 401),
        (post(site, JUDGE, right, headers={"Authorization": "Bearer "}), 401),
        (post(site, JUDGE, right, headers={"Authorization": own["Authorization"][:-1] + "é"}), 401),
        (post(site, JUDGE, right, headers={"Cookie": own["Authorization"]}), 401),
        (post(site, JUDGE, right, headers=own | {"Origin": "http://evil.example"}), 403),
        (post(site, JUDGE, right, headers=own | {"Origin": f"http://127.0.0.1:{site.port + 1}"}), 403),
        (post(site, JUDGE, right, headers=own | {"Origin": "null"}), 403),
        (post(site, JUDGE, right, headers=own | {"Sec-Fetch-Site": "cross-site"}), 403),
        (post(site, JUDGE, right, headers=own | {"Content-Type": "text/plain"}), 415),
        (post(site, JUDGE, right, headers=own | {"Content-Type": "application/x-www-form-urlencoded"}), 415),
        (post(site, JUDGE, right, headers=own, host="evil.example"), 421),
        (site.ask(f"{JUDGE}?verdict=right", headers=own), 405),
    ]
    assert [answer.status for answer, _ in refused] == [status for _, status in refused]
    page = site.ask(f"/audit?release={FIRST}")
    assert "Verdicts cannot be written from here" in page.text and page.text.count("disabled") == 5
    assert "has ended" in site.ask("/audit", headers={"Authorization": "Bearer old"}).text
    assert verdicts(site) == before
    assert not any(link.rpartition("=")[2] in page.text for link in site.links.values())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"release": FIRST, "sample": "x", "verdict": "perhaps"}, 400),
        ({"release": FIRST, "sample": key("orphan"), "verdict": "right"}, 404),
        ({"release": "no such", "sample": key("sample"), "verdict": "right"}, 404),
        ({"release": FIRST, "sample": ["x"], "verdict": "right"}, 400),
        ([], 400),
        (b"{", 400),
        (b"[" * 10_000, 400),
        (b'"' + b"x" * 40_000 + b'"', 413),
        ({"release": "latest", "sample": key("sample"), "verdict": "right"}, 404),
        ({"release": "x\0", "sample": key("sample"), "verdict": "right"}, 400),
        ({"release": FIRST, "sample": "x\0", "verdict": "right"}, 400),
        ({"release": FIRST, "sample": "\ud800", "verdict": "right"}, 400),
        ({"release": "\udfff", "sample": key("sample"), "verdict": "right"}, 400),
        ({"release": FIRST, "sample": key("sample"), "verdict": "right", "note": "a\0b"}, 400),
        ({"release": FIRST, "sample": key("sample"), "verdict": "right", "note": "\ud83d"}, 400),
    ],
)
def test_what_is_no_verdict_on_a_row_of_the_release_is_told(site, body, status):
    before = verdicts(site)
    answer = post(site, JUDGE, body, headers=token(site, "ann"))
    assert answer.status == status and json.loads(answer.body)["told"]
    assert verdicts(site) == before


@pytest.mark.parametrize(("sample", "status"), [("x\0", 400), ("\ud800", 400), ("' OR 1=1 --", 404)])
def test_what_is_no_verdict_of_ones_own_is_not_taken_back(site, sample, status):
    answer = post(site, UNDO, {"sample": sample}, headers=token(site, "ann"))
    assert answer.status == status and json.loads(answer.body)["told"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(LakeError("the disk is full"), 503), (LakeWriteError("no"), 500), (duckdb.BinderException("SELECT secret"), 500)],
)
def test_whatever_the_lake_says_of_a_verdict_is_told_and_nothing_is_recorded(site, monkeypatch, error, status):
    def fails(*_args, **_more):
        raise error

    before = verdicts(site)
    with monkeypatch.context() as patch:
        patch.setattr(LakeStore, "write", fails)
        answer = judged(site, "ann", "right")
    assert answer.status == status and (told := json.loads(answer.body)["told"])
    assert "secret" not in told and verdicts(site) == before


def test_a_note_of_any_script_fits_however_it_is_escaped(site):
    note = "\U0001f600" * NOTE_CHARS
    assert judged(site, "ann", "right", note).status == 204  # as \ud83d\ude00 each
    assert verdicts(site)[key("sample"), "ann"]["note"] == note
    assert post(site, UNDO, {"sample": key("sample")}, headers=token(site, "ann")).status == 204


def test_a_verdict_that_was_changed_is_taken_back_to_the_one_before(site):
    def undone():
        return post(site, UNDO, {"sample": key("sample")}, headers=token(site, "ann")).status

    before = verdicts(site)
    assert judged(site, "ann", "wrong", "two are red").status == 204
    first = verdicts(site)[key("sample"), "ann"]
    for verdict in ("right", "unsafe"):
        assert judged(site, "ann", verdict).status == 204
    assert undone() == 204 and verdicts(site)[key("sample"), "ann"]["verdict"] == "right"
    assert undone() == 204 and verdicts(site)[key("sample"), "ann"] == first
    assert undone() == 204 and verdicts(site) == before and undone() == 404


def test_what_another_process_recorded_meanwhile_is_not_undone_to_something_older(site):
    assert judged(site, "ann", "wrong").status == judged(site, "ann", "right").status == 204
    record(site.store, FIRST, "ann", [Judged(key("sample"), "unsafe", "")])
    assert post(site, UNDO, {"sample": key("sample")}, headers=token(site, "ann")).status == 204
    assert (key("sample"), "ann") not in verdicts(site)


@pytest.mark.parametrize("path", ["/audit?release", f"/audit?release={FIRST}&row", "/rows?release", "/map?q"])
def test_an_address_with_nul_or_half_a_pair_is_refused_or_leads_nowhere(site, path):
    assert site.ask(f"{path}=feedc0de5%00").status == 400
    assert site.ask(f"{path}=%ED%A0%80").status == (404 if path.startswith("/audit") else 200)


def test_odd_addresses_are_answered(site):
    for query in ("rows=0", "rows=x&again=900&at=-1&seed=1e9", "release=nothing", f"release={LATER}&row=nothing"):
        assert site.ask(f"/audit?{query}").status == (404 if "nothing" in query else 200), query
    assert Asked.of({"rows": "999999999", "again": "101", "seed": "²"}) == Asked(rows=20_000, again=100)
    text = site.ask(f"/audit?release={LATER}&rows=5&seed=3").text
    assert re.search(r'data-after="/audit\?release=feedc0de87654321&amp;rows=5&amp;seed=3&amp;again=30&amp;at=1"', text)


def test_a_token_is_one_persons():
    auditors = Auditors(("ann", "bob", "ann"))
    links = dict(auditors.links("http://here"))
    assert len(links) == 2
    for person, link in links.items():
        assert auditors.person("Bearer " + link.partition("#token=")[2]) == person
    assert auditors.person(None) is auditors.person("Basic x") is auditors.person("Bearer ") is None
    assert not Auditors() and Auditors().person("Bearer x") is None


def test_options_are_parted_from_the_question_only_where_they_end_it():
    typed = json.dumps({"options": ["red", "blue"]})
    assert parted("Which?\nA. red\nB. blue", typed) == ("Which?", ["red", "blue"])
    for problem, answer in (("Which?\nA. red", typed), ("Which?", None), ("Which?", "[]"), ("Which?", "{")):
        assert parted(problem, answer) == (problem, [])
    assert band([]) is None
