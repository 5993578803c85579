"""The release's quality gates: its rows and its export, read back from the lake and from the disk.

Belongs here: which defect belongs to which gate. Pure.
Does not belong here: reading an export (export_defects.py), committing (assets.py).
"""

from __future__ import annotations

from wethink_assets.dataset import export_defects
from wethink_assets.dataset.card import mix_outcomes
from wethink_assets.dataset.completeness import incomplete_batches
from wethink_assets.dataset.contamination import collisions, gaps
from wethink_assets.dataset.mix_outcome import SOURCE, missed, why
from wethink_assets.dataset.straddling import straddling
from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.presentation.markdown import Markdown, cell
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.documents import with_documents
from wethink_assets.sources.ingest import quota_of

_BOTH_SPLITS = "image_in_both_splits"
MISSED = 0.01  # of a release's rows by which a value may miss what is wanted before its check warns [D]
SHOWN = 200  # colliding rows in the UI; their number is said in full
CURE = (
    "Materialise image_pool and what follows it again for {batches} (what was asked is not paid for again), then the "
    "release; or take the set away, where it is none of yours any more: remove its file, name it in [evaluation] "
    "dismissed, materialise benchmark_items"
)


def _defects(scope: Scope) -> tuple[int, dict[str, list[str]]]:
    """The number of rows of the latest release, and their defects as {defect: examples}."""
    releases = scope.lake.rows("dataset/select_latest_release")
    if not releases:
        return 0, {"no_release": ["there is no release: materialise it"]}
    release = releases[0]
    with scope.windows("dataset/select_release_rows", release_id=release["release_id"]) as rows:
        defects = export_defects.defects(scope.settings.releases_dir / release["release_id"], rows)
    if rows.rows != release["rows"]:
        defects["rows_missing"] = [f"the lake holds {rows.rows} rows of {release['rows']}"]
    for row in scope.lake.rows("dataset/select_release_defects", release_id=release["release_id"]):
        defects.setdefault(row["defect"], []).append(row["sample_id"])
    return rows.rows, defects


def _sound(scope: Scope) -> Outcome:
    rows, defects = scope.once("release_defects", lambda: _defects(scope))
    return _outcome(rows, {defect: examples for defect, examples in defects.items() if defect != _BOTH_SPLITS})


def _outcome(rows: int, defects: dict[str, list[str]]) -> Outcome:
    return Outcome(
        not defects,
        ", ".join(f"{defect}: {len(examples)} (first: {examples[0]})" for defect, examples in defects.items())
        or f"{rows} rows read back, none bad",
        {"rows": rows, **{f"defect_{defect}": len(examples) for defect, examples in defects.items()}},
    )


def _uncontaminated(scope: Scope) -> Outcome:
    rows, defects = scope.once("release_defects", lambda: _defects(scope))
    both = {name: examples for name, examples in defects.items() if name in (_BOTH_SPLITS, "no_release")}
    if both:
        return _outcome(rows, both)
    compared = scope.lake.rows("images/count_compared")[0]
    if not (compared["images"] or compared["items"]):
        nothing = (
            "no evaluation set was read, so nothing was compared: put their TSVs into benchmarks_root and run again"
        )
        return Outcome(False, nothing, {"rows": rows}, warn=not compared["read"])
    found = collisions(scope, scope.lake.rows("dataset/select_latest_release")[0]["release_id"])
    if not found:
        return Outcome(True, f"none of {rows} rows is in an evaluation set", {"rows": rows, "collisions": 0})
    batches = sorted({row.batch for row in found})
    table = "| sample | batch | item | why |\n|---|---|---|---|\n" + "\n".join(
        f"| {row.sample_id} | {cell(row.batch)} | {cell(row.item)} | {cell(row.how)} |" for row in found[:SHOWN]
    )
    return Outcome(
        False,
        f"{len(found)} of {rows} rows: {'; '.join(map(str, found[:10]))}. {CURE.format(batches=', '.join(batches))}",
        {"rows": rows, "collisions": len(found), "batches": ", ".join(batches), "colliding_rows": Markdown(table)},
    )


def _held_alike(scope: Scope) -> Outcome:
    releases = scope.lake.rows("dataset/select_latest_release")
    batches = releases[0]["batches"] if releases else []
    found = gaps(scope, batches)
    return Outcome(
        not found,
        "; ".join(f"the pool of {batch} was {gap}" for batch, gap in found.items())
        + ". no_contamination holds the release's rows against them; materialise image_pool of these batches again to "
        "keep such images from being asked about"
        if found
        else f"the pools of {len(batches)} batches were held against every set of now",
        {"batches": len(batches), "with_gaps": dict(found)},
    )


def _batches_complete(scope: Scope) -> Outcome:
    order = [row["batch"] for row in scope.lake.rows("growth/select_batches")]
    active = {s.asset for s in sources_of(scope.settings.sources) if quota_of(s, scope.settings.sources) != 0}
    missing = incomplete_batches(scope.lake.rows("growth/select_batch_accounts"), order, active)
    return Outcome(
        not missing,
        "; ".join(f"{batch}: {why}" for batch, why in missing.items())
        + ". `wethink run --batch KEY` goes on with a batch; the next release takes what comes of it, and keeps what "
        "this one holds"
        if missing
        else f"all of {len(order)} batches are whole",
        {"batches": len(order), "incomplete": dict(missing)},
    )


def _no_straddling(scope: Scope) -> Outcome:
    releases = scope.lake.rows("dataset/select_latest_release")
    if not releases:
        return Outcome(False, "there is no release: materialise it")
    images = with_documents(
        scope.lake.read("dataset/select_release_sides", release_id=releases[0]["release_id"]), scope.settings
    )
    found = straddling(images)
    told = "; ".join(f"{pair.heldout[:12]} and {pair.train[:12]}: {pair.why}" for pair in found[:10])
    return Outcome(
        not found,
        f"{len(found)} held-out images belong to training ones: {told}. Materialise the release again: what belongs "
        "together then takes one side, or is dropped"
        if found
        else f"none of {images.height} images has a look-alike or page of its document on the other side",
        {"images": images.height, "straddling": len(found)},
    )


def _mix_met(scope: Scope) -> Outcome:
    details, rows = scope.details(), scope.accounting().get("continued", 0)
    asked = [record for record in details.get("mix", ()) if record["dimension"] != SOURCE]
    found = [r for r in missed(asked) if abs(r["got"] - r["wanted"]) > MISSED * rows]
    told = "; ".join(
        f"{r['dimension']} {r['value']} has {r['got']:,} rows of {r['wanted']:,} wanted ({why(r)})" for r in found
    )
    return Outcome(
        not found,
        f"{told}. Grow by what lacks, ask for less in [release] mix, or let released rows go with keep_released = false"
        if found
        else f"{len(asked)} values of the mix have the rows that are wanted, but for {MISSED:.0%} of {rows:,} at most",
        {"asked": len(asked), "missed": len(found), "wanted_and_got": Markdown(mix_outcomes(details.get("mix", [])))},
    )


RELEASE_GATES = (
    Gate(
        "no_defects",
        "A published row with tags, placeholders or empty text, without its image file, or that its own rule does not "
        "verify.",
        _sound,
        blocking=True,
    ),
    Gate(
        "no_contamination",
        "Contamination: a row, of whichever batch, whose image or question an evaluation set known now holds; or one "
        "image on both sides of the split.",
        _uncontaminated,
        blocking=True,
    ),
    Gate(
        "no_straddling_clusters",
        "Leakage: a held-out image that looks like a training one, or is a page or variant of its document.",
        _no_straddling,
        blocking=True,
    ),
    Gate(
        "held_against_all_sets",
        "Paying for what cannot be released: a batch whose pool was made before a set came, or against an older one.",
        _held_alike,
    ),
    Gate(
        "mix_met",
        "Learning from another mix than was asked for without knowing it: a category, ability, difficulty or answer "
        "type of [release] mix that the release has too few or too many rows of.",
        _mix_met,
    ),
    Gate(
        "batches_complete",
        "Releasing half a batch without knowing it: a source that was not read, or images that have no samples yet.",
        _batches_complete,
    ),
)
