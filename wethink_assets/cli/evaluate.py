"""Evaluation commands `wethink evaluate` and `wethink compare`: arguments to calls, and their tables.

Belongs here: shaping for a terminal. Does not belong here: the work (evaluation/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from resources.lake.store import LakeStore
from resources.storage.names import OutsideRootError
from resources.storage.places import locate
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.registry import HELDOUT, HELDOUT_SET, Benchmark
from wethink_assets.evaluation.families.registry import family, scored_sets
from wethink_assets.evaluation.report import comparison, exports, html
from wethink_assets.evaluation.report.number_format import figure, interval, p_value
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS
from wethink_assets.evaluation.scoring import STRICT
from wethink_assets.evaluation.set_scores import NO_REPLY
from wethink_assets.evaluation.standalone import Outcome, evaluate
from wethink_assets.settings import EMBEDDED_TEACHER, EndpointSettings, Settings

SHOWN_OF_A_REASON = 3


class UnusableError(ValueError):
    """An argument of the command names nothing; the message lists what there is."""


def selected_sets(settings: Settings, names: Sequence[str]) -> list[Benchmark]:
    """The evaluation sets of these names; all of them, added ones included, where none is named."""
    known = {b.name: b for b in scored_sets(settings.evaluation)}
    if unknown := [name for name in names if name not in known]:
        raise UnusableError(
            f"no evaluation set {unknown[0]!r}; there are {', '.join(known)}. "
            "Others are added with [[evaluation.extra]]."
        )
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


def run_evaluate(
    console: Console,
    progress: Console,
    settings: Settings,
    names: Sequence[str],
    endpoint: EndpointSettings,
    policy_id: str,
    *,
    limit: int | None,
    export: tuple[Path, str] | None,
) -> int:
    """Run `wethink evaluate` and print its table; 1 where a number stands on fewer items than its set has."""
    sets = selected_sets(settings, names)
    _refuse_without_judge(settings, sets)
    if export:
        try:
            export[0].mkdir(parents=True, exist_ok=True)  # before hours of asking
        except OSError as error:
            raise UnusableError(f"--export {export[0]}: {error.strerror}") from None
    store = LakeStore.of(settings)
    try:
        outcome = evaluate(
            settings,
            store,
            sets,
            endpoint,
            policy_id,
            limit=limit,
            say=lambda line: progress.print(line, markup=False, highlight=False),
        )
        console.print(_scores(outcome))
        for line in _told(settings, outcome):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        for line in _notes(outcome):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if export:
            folder, form = export
            for benchmark in sets:
                answers = store.rows("evaluation/select_answers", policy_id=policy_id, benchmarks=[benchmark.name])
                exported = exports.export(folder, form, policy_id, benchmark, answers)
                for line in [*map(str, exported.files), *exported.notes]:
                    console.print(line, markup=False, highlight=False, soft_wrap=True)
    finally:
        store.close()
    return 0 if outcome.complete else 1


def _refuse_without_judge(settings: Settings, sets: Sequence[Benchmark]) -> None:
    """Before hours of asking: some sets' rules ask a judge, which the sample teacher is for its pack alone."""
    own_pack = settings.benchmarks_root is None and settings.sample_pack_dir.is_dir()
    if settings.evaluation.rules_only or settings.endpoint("judge").base_url != EMBEDDED_TEACHER or own_pack:
        return
    if asking := [b.name for b in sets if family(b.rule).judge_prompts]:
        raise UnusableError(
            f"{', '.join(asking)} may need a judge, and none is named: give --rules-only, which scores what rules can "
            "read and says what they cannot, or name a judge's base_url and model in [endpoints.judge]"
        )


def _told(settings: Settings, outcome: Outcome) -> Iterator[str]:
    """What has to be known beside the numbers: whose rules they are by, golds that cannot be scored as meant."""
    version = VERSIONS[settings.evaluation.vlmevalkit]
    yield f"{version.scorer}_… are by the rules of VLMEvalKit of {version.name} ([evaluation] vlmevalkit)"
    seen = {(row["benchmark"], row["notes"]) for row in outcome.scores if row["scorer"] == STRICT and row["notes"]}
    yield from (f"{benchmark}: {notes}" for benchmark, notes in sorted(seen))


def _scores(outcome: Outcome) -> Table:
    table = Table(title=f"{outcome.policy_id}; 95 % intervals; bold: the set's headline number", title_justify="left")
    for name in ("set", "number", "value", "interval", "items", "no answer found", "without a judge"):
        table.add_column(name, justify="left" if name in ("set", "number") else "right", overflow="fold")
    for row in outcome.scores:
        style = "bold" if row["main"] else None
        value = "–" if row["value"] is None else f"{row['value']:.1f}"
        interval = "" if row["low"] is None else f"{row['low']:.1f} to {row['high']:.1f}"
        bounds = "" if row["bound_low"] is None else f"{row['bound_low']:.1f} to {row['bound_high']:.1f}"
        table.add_row(
            row["benchmark"],
            row["name"],
            value,
            interval,
            f"{row['n']} of {row['n_set']}",
            str(row["n_unparsed"]),
            bounds,
            style=style,
        )
    return table


def _notes(outcome: Outcome) -> list[str]:
    lines = []
    if outcome.problem:
        lines.append(
            f"the server was lost: {outcome.problem}. Run the same command again: what is answered is not asked again."
        )
    unscored = [
        s for result in outcome.scored.values() for s in result.failed if s.reason != NO_REPLY
    ]  # those are named as asked
    groups: dict[tuple[str, str], list[str]] = {}
    for s in [*outcome.read.failed, *(s for result in outcome.asked.values() for s in result.failed), *unscored]:
        subject = s.subject_id.removeprefix(f"{outcome.policy_id}:")
        key = (subject.removesuffix(".tsv").partition(":")[0], s.reason)
        groups.setdefault(key, []).append(f"{subject}: {s.reason}: {s.detail}")
    for (name, reason), own in groups.items():
        lines += own[:SHOWN_OF_A_REASON]
        if len(own) > SHOWN_OF_A_REASON:
            lines.append(f"{name}: … and {len(own) - SHOWN_OF_A_REASON} more rows with {reason}, all in table verdicts")
    lines += [
        f"{row['benchmark']}: rules only: {row['n_judged']} of {row['n_set']} items are left to a judge, which was not "
        f"asked: with one, {row['metric']} is between {row['bound_low']:.1f} and {row['bound_high']:.1f}"
        for row in outcome.scores
        if row["main"] and row["rules_only"] and row["n_judged"] and row["bound_low"] is not None
    ]
    lines += [
        f"{name}.tsv is not the published file (MD5): its numbers compare with nobody else's"
        for name in outcome.read.details["other_md5"]
    ]
    lines += [f"the gold is hidden; the answers to submit are in {path}" for path in outcome.submissions]
    partial = [r for r in outcome.scores if r["main"] and (r["n_failed"] or not r["n_set"])]
    for r in partial:
        what = f"{r['n_failed']} of {r['n_set']} items have no score" if r["n_set"] else "its file holds no item"
        lines.append(f"CHECK FAILED scores_complete: {r['benchmark']}: {what}")
    return lines


def find_policy(store: LakeStore, name: str) -> str:
    """The policy of this id, of an id that begins so, or the latest of this kind.

    Raises:
        UnusableError: there is none, or the beginning fits several.
    """
    policies = store.rows("evaluation/find_policies", policy=name)
    if not policies:
        raise UnusableError(
            f"no policy {name!r} has answered anything: give its id, the beginning of it, or a kind (base, rl)"
        )
    ids = [row["policy_id"] for row in policies]
    if ids[0] != name and name != policies[0]["kind"] and len(ids) > 1:
        raise UnusableError(f"{name!r} fits {', '.join(ids[:6])}: give more of the id")
    return ids[0]


def run_compare(
    console: Console, settings: Settings, first: str, second: str, names: Sequence[str], *, out: Path | None, shown: int
) -> int:
    """Run `wethink compare`: write the page and print one line per set; 1 where nothing could be compared."""
    store = LakeStore.of(settings)
    try:
        ids = (find_policy(store, first), find_policy(store, second))
        published = [name for name in names if name != HELDOUT]
        sets = [
            *(selected_sets(settings, published) if published or not names else ()),
            *([HELDOUT_SET] if not names or HELDOUT in names else ()),
        ]
        compared = []
        for benchmark in sets:
            answers = [
                store.rows("evaluation/select_answers", policy_id=policy, benchmarks=[benchmark.name]) for policy in ids
            ]
            if any(answers):
                evaluation = settings.evaluation
                compared.append(
                    comparison.compare(benchmark, *answers, resamples=evaluation.resamples, seed=evaluation.seed)
                )
        uris = {row["image_id"]: row["image_uri"] for row in store.rows("evaluation/select_images")}
        heldout = [
            i
            for c in compared
            if c.benchmark is HELDOUT_SET
            for pairs in c.pairs.values()
            for before, _ in pairs
            for i in before["image_ids"]
        ]
        files = store.rows("images/select_image_places", ids=sorted(set(heldout)))
    finally:
        store.close()
    if not any(c.n for c in compared):
        raise UnusableError(f"{ids[0]} and {ids[1]} have no scored item in common")

    sources: dict[str, list[str]] = {}
    for row in files:
        if row["place"] == "source":
            sources.setdefault(row["image_id"], []).append(row["image_uri"])

    @cache
    def picture(image_id: str) -> str:
        if uri := uris.get(image_id):
            return html.thumbnail(Path(uri).name, ImageStore(settings.image_store_dir).root / uri)
        for uri in sources.get(image_id, ()):  # a held-out sample's, from its source
            try:
                located = locate(settings, uri, image_id)
            except OutsideRootError:
                continue
            return html.thumbnail(Path(uri).name, located)
        return ""

    path = out or settings.home / "reports" / f"compare_{exports.safe(ids[0])}_{exports.safe(ids[1])}.html"
    html.write(path, f"{ids[0]} and {ids[1]}", comparison.page_parts(compared, ids, picture, shown=shown))
    console.print(_compared(comparison.summary(compared), ids))
    console.print(f"the items, with images and replies: {path}", markup=False, soft_wrap=True)
    return 0


def _compared(rows: Sequence[Any], ids: tuple[str, str]) -> Table:
    table = Table(title=f"From {ids[0]} to {ids[1]}", title_justify="left")
    for name in ("set", *comparison.KINDS, "not compared", "change", "p (Holm)"):
        table.add_column(name, justify="left" if name == "set" else "right")
    for row in rows:
        change = row["change"]
        value = figure(change and change.value, "+")
        if change:
            value = f"{value} {interval(change.low, change.high, '+')}".strip()
        table.add_row(
            row["benchmark"],
            *(str(row[k]) for k in comparison.KINDS),
            str(row["unscored"]),
            escape(value),
            p_value(row["p_holm"]),
        )
    return table
