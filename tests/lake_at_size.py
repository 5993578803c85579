"""A lake of any size with generated rows (synthetic data), in the proportions of a release of 120,000 samples.

Belongs here: how many rows each table has, which keys they share, and how they spread over growth batches: what plans
and costs of statements depend on. Does not belong here: rows that a stage could have made. Texts repeat one word,
hashes are drawn, and no row is valid beyond its keys.

Proportions, per 1,000 images of the pool: 1,090 files of sources, 2,750 questions, 2,560 valid ones, 5,000 answers,
2,390 chosen ones, 2,290 paths, 2,240 routed rows, 2,180 samples, 19,200 calls, 17,500 rollouts; so 55,000 images
make 120,000 samples, 1,090,000 calls and 960,000 rollouts. Four batches hold a half, a quarter, 15 % and a tenth of
the images. The rows of evaluation do not grow with them: 14 sets of 15,042 items and two policies.
"""

from __future__ import annotations

from typing import Any

import duckdb

from resources.lake.sql_files import Table, tables
from resources.lake.store import LakeStore

BATCHES = ("2026-01", "2026-02", "2026-03", "2026-04")
_FILLED = {"VARCHAR": "'x'", "JSON": "'{}'", "VARCHAR[]": "[]::VARCHAR[]", "BOOLEAN": "false", "TIMESTAMPTZ": "now()"}
IMAGES_OF_A_RELEASE = 55_000

# What all rows are counted from: images with their batch, questions with what becomes of them.
_SPINES = (
    """
CREATE OR REPLACE MACRO key(kind, n) AS sha256(kind || n);
CREATE OR REPLACE MACRO words(n) AS repeat('word ', n);
CREATE OR REPLACE TEMP TABLE image AS
SELECT i, key('image', i) AS image_id, 'source' || i % 18 AS source, 'source' || i % 18 || '/' || i || '.jpg' AS uri,
  ['2026-01', '2026-02', '2026-03', '2026-04'][
    CASE WHEN i < $images * 0.5 THEN 1 WHEN i < $images * 0.75 THEN 2 WHEN i < $images * 0.9 THEN 3 ELSE 4 END
  ] AS batch,
FROM range($images) AS t(i)
""",
    """
CREATE OR REPLACE TEMP TABLE question AS
SELECT q.*,
  r < 93 AS valid, r < 91 AS answered, r < 87 AS chosen, r < 83.5 AS path, r < 81.5 AS routed, r < 79.5 AS sample,
  'run-' || batch AS run_id, ['MC', 'FIB', 'DES'][1 + n % 3] AS category,
FROM (
  SELECT row_number() OVER (ORDER BY i, j) AS n, (hash(i, j) % 10000) / 100 AS r,
    key('question', i * 3 + j) AS question_id,
    i.i, i.image_id, i.batch, i.source, i.uri, j::INTEGER AS position
  FROM image i, range(3) AS t(j)
  WHERE i % 4 > 0 OR j < 2
) q
""",
)

# The rows of each table; columns that are not named here are NULL, or hold a value of their type.
_ROWS: dict[str, str] = {
    "growth_batches": "SELECT unnest($batches) AS batch, unnest([1, 2, 3, 4]) AS position, 'manual' AS reason",
    "growth_report": """
SELECT 'rl-1' AS policy_id, 'set' || n AS benchmark, 'release-1' AS release_id, 4 AS batches FROM range(15) AS t(n)
""",
    "growth_plans": """
SELECT unnest($batches) AS batch, 'source' || n AS source, 'targets' AS policy, 500 AS quota, 'lacking' AS reason
FROM range(18) AS t(n)
""",
    "growth_abilities": """
SELECT unnest($batches) AS batch, 'ability' || n AS ability, 'targets' AS policy, n < 2 AS asked, 'behind' AS reason
FROM range(5) AS t(n)
""",
    "source_images": """
SELECT source, batch, uri AS image_uri, image_id, i AS position, 'CC0-1.0' AS licence,
  CASE WHEN i % 3 = 0 THEN '{"qa": [{"question": "What is there?"}]}'
    ELSE '{"captions": ["' || words($text // 10) || '"]}' END AS context
FROM image
UNION ALL
SELECT source, batch, uri || '.copy', image_id, i, 'CC0-1.0', '{}' FROM image WHERE i % 11 = 0
""",
    "images": """
SELECT image_id, batch, source, uri AS image_uri, [uri] AS origins, 'CC0-1.0' AS licence, 'JPEG' AS format,
  left(image_id, 16) AS phash, image_id AS phash256, image_id AS picture_id
FROM image
""",
    "descriptions": """
SELECT key('description', i) AS description_id, image_id, batch, i || words($text) AS text,
  key('describe', i) AS call_id
FROM image
""",
    "refined_descriptions": """
SELECT key('refined', i) AS refined_id, key('description', i) AS description_id, image_id, batch,
  i || words($text) AS text, '[]' AS turns,
  [key('ask', i), key('look', i), key('merge', i)] AS call_ids
FROM image
""",
    "questions": """
SELECT question_id, image_id, key('refined', i) AS refined_id, batch, position, n || ' what is there?' AS question,
  category, ['reasoning', 'math'] AS abilities, CASE WHEN category = 'MC' THEN ['one', 'two'] ELSE [] END AS options,
  key('propose', i) AS call_id
FROM question
""",
    "valid_questions": """
SELECT question_id, image_id, batch, key('well', n) AS well_posed_call_id, key('answerable', n) AS answerable_call_id
FROM question WHERE valid
""",
    "answers": """
SELECT key(who, n) AS answer_id, question_id, image_id, batch, who AS answerer, n || '' AS answer,
  n || words($text) AS chain, CASE WHEN n % 5 = 0 THEN 'disagree' ELSE 'agree' END AS agreement, key(who, n) AS call_id
FROM question, (VALUES ('reasoner'), ('vlm')) AS t(who) WHERE answered
""",
    "chosen_answers": """
SELECT question_id, key('reasoner', n) AS answer_id, image_id, batch,
  CASE WHEN n % 5 = 0 THEN 'adjudicator' ELSE 'agreement' END AS chosen_by,
  CASE WHEN n % 5 = 0 THEN key('adjudicate', n) END AS call_id
FROM question WHERE chosen
""",
    "blind_checks": """
SELECT question_id, key('reasoner', n) AS answer_id, image_id, batch, 'reasoner' AS role, 4 AS answers, 4 AS scored,
  n % 5 AS correct, n % 5 > 2 AS solvable
FROM question WHERE chosen AND category <> 'DES'
""",
    "second_looks": """
SELECT question_id, key('reasoner', n) AS answer_id, image_id, batch, 'adjudicator' AS role, 3 AS answers, 3 AS scored,
  n % 4 AS agreeing, n % 4 > 1 AS confirmed
FROM question WHERE chosen AND category <> 'DES'
""",
    "reasoning_paths": """
SELECT key('path', n) AS path_id, question_id, key('reasoner', n) AS answer_id, image_id, batch,
  n || words($text) AS refined_cot, key('rewrite', n) AS call_id
FROM question WHERE path
""",
    "scored_replies": """
SELECT key('reply' || who, n) AS reply_id, question_id, key('reasoner', n) AS answer_id, image_id, batch, source,
  category, 'number' AS answer_type, who AS origin, n || '' AS reply, 'correct' AS verdict, 1.0 AS tier, true AS agrees,
  key(who, n) AS call_id, key('judge' || who, n) AS judge_call_id
FROM question, (VALUES ('reasoner'), ('vlm')) AS t(who) WHERE path AND category <> 'DES'
""",
    "routed_answers": """
SELECT question_id, key('reasoner', n) AS answer_id, key('path', n) AS path_id, image_id, batch,
  CASE WHEN category = 'DES' THEN 'model' ELSE 'rule' END AS reward,
  CASE WHEN category = 'DES' THEN 0 ELSE 2 END AS replies, CASE WHEN category = 'DES' THEN 0 ELSE 2 END AS decided,
  CASE WHEN category = 'DES' THEN 'descriptive' ELSE 'agreement' END AS reason
FROM question WHERE routed
""",
    "samples": """
SELECT key('sample', n) AS sample_id, batch, image_id, question_id, key('reasoner', n) AS answer_id,
  key('path', n) AS path_id, source, 'CC0-1.0' AS licence, n || ' what is there?' AS problem, n || '' AS answer,
  '{"type": "number", "raw": "' || n || '", "value": "' || n || '", "options": []}' AS answer_typed,
  'number' AS answer_type, category, ['reasoning', 'math'] AS abilities, n || words($text) AS refined_cot,
  uri AS image_path,
  CASE WHEN category = 'DES' THEN 'model' ELSE 'rule' END AS reward
FROM question WHERE sample
""",
    "reward_agreements": """
SELECT DISTINCT batch, category, source FROM question WHERE category <> 'DES'
""",
    "row_filter_counts": """
SELECT batch, source, 'filter' || f AS filter, f AS position
FROM (SELECT DISTINCT batch, source FROM image), range(9) AS t(f)
""",
    "gate_quality": """
SELECT 'gate' || g AS gate, 'source' || s AS source, g AS position FROM range(18) AS t(g), range(18) AS u(s)
""",
    "verdicts": """
SELECT 'images' AS asset, batch, 'gone' || uri AS subject_id, 'dropped' AS verdict, 'near_duplicate' AS reason,
  image_id AS related_id
FROM image WHERE i % 10 = 0
UNION ALL
SELECT CASE WHEN NOT valid THEN 'valid_questions' WHEN NOT answered THEN 'dual_answers'
  WHEN NOT chosen THEN 'chosen_answers' WHEN NOT path THEN 'reasoning_paths'
  WHEN NOT routed THEN 'routed_answers' ELSE 'samples' END,
  batch, question_id, CASE WHEN n % 3 = 0 THEN 'failed' ELSE 'dropped' END, 'reason' || n % 7, NULL
FROM question WHERE NOT sample
UNION ALL
SELECT 'sources/' || source, batch, uri || '.bad', 'failed', 'unreadable', NULL FROM image WHERE i % 100 = 0
UNION ALL
SELECT 'benchmark_items', '', 'set' || b || ':' || n, 'failed', 'unreadable', NULL
FROM range(14) AS s(b), range(3) AS t(n)
UNION ALL
SELECT 'images', batch, 'leak' || uri, 'dropped', 'benchmark_question', 'set' || i % 14 || ':' || i % 1000
FROM image WHERE i % 1000 = 0
""",
    "materializations": """
SELECT asset, batch, 'run-' || batch AS run_id, 1000 AS rows_in, 900 AS continued,
  '2026-01-01'::TIMESTAMPTZ AS committed_at,
  '{"release_id": "release-1", "policy_id": "rl-1"}' AS details
FROM (
  SELECT 'sources/source' || s AS asset, unnest($batches) AS batch FROM range(18) AS t(s)
  UNION ALL
  SELECT unnest(['images', 'descriptions', 'refined_descriptions', 'questions', 'valid_questions', 'dual_answers',
    'chosen_answers', 'reasoning_paths', 'scored_replies', 'routed_answers', 'samples']), b
  FROM (SELECT unnest($batches) AS b)
  UNION ALL
  SELECT unnest(['release', 'card', 'base_policy', 'rl_policy', 'benchmark_items', 'predictions', 'scores',
    'scoreboard']), ''
)
""",
    "calls": """
SELECT call_id, batch, asset, role, 'model-' || role AS model, asset AS prompt, 'v1' AS prompt_version,
  'run-' || batch AS run_id, 'ok' AS status, 'https://endpoint' AS endpoint,
  '["' || words($text // 2) || '"]' AS messages,
  n || words($text) AS reply, 1 AS attempts, 300 AS prompt_tokens, 90 AS completion_tokens, 0.001 AS cost,
  '2026-01-01'::TIMESTAMPTZ + INTERVAL (n) SECOND AS created_at
FROM (
  SELECT key(what, i) AS call_id, batch, asset, role, i AS n
  FROM image, (VALUES ('describe', 'descriptions', 'vlm'), ('ask', 'refined_descriptions', 'reasoner'),
    ('look', 'refined_descriptions', 'vlm'), ('merge', 'refined_descriptions', 'reasoner'),
    ('propose', 'questions', 'reasoner')) AS t(what, asset, role)
  UNION ALL
  SELECT key(what, n), batch, asset, role, n
  FROM question, (VALUES ('well', 'valid_questions', 'reasoner'), ('answerable', 'valid_questions', 'vlm'),
    ('reasoner', 'dual_answers', 'reasoner'), ('vlm', 'dual_answers', 'vlm'),
    ('rewrite', 'reasoning_paths', 'rewriter')) AS t(what, asset, role)
  UNION ALL
  SELECT key('adjudicate', n), batch, 'chosen_answers', 'adjudicator', n FROM question WHERE n % 5 = 0 AND chosen
  UNION ALL
  SELECT key('policy', n), '', 'predictions', 'policy', n FROM range(2 * 15042) AS t(n)
)
""",
    "forgotten_calls": """
SELECT * REPLACE ('failed' AS status, 'http_400' AS error), '2026-02-01'::TIMESTAMPTZ AS forgotten_at
FROM lake.calls WHERE hash(call_id) % 1000 = 0
""",
    "refused_calls": """
SELECT key('refused', n % 400) AS call_id, 'run-' || n // 400 AS run_id, 'vlm' AS role, 'http_413' AS error
FROM range(1000) AS t(n)
""",
    "call_batches": """
SELECT 'b' || n AS batch_key, 'collected' AS state, 'e' AS endpoint, 'm' AS model FROM range(50) AS t(n)
""",
    "call_reuse": """
SELECT 'run-' || batch AS run_id, asset, batch, 10 AS asked FROM lake.materializations WHERE batch <> ''
""",
    "judge_calibrations": "SELECT 'm' || n AS model, 'v1' AS prompt_version, 's1' AS set_version FROM range(3) AS t(n)",
    "imported_images": """
SELECT key('imported', n) AS image_id, n || '.jpg' AS image_uri, 'JPEG' AS format,
  left(key('imported', n), 16) AS phash, key('imported', n) AS phash256
FROM range(3000) AS t(n)
""",
    "import_stops": """
SELECT 'imported-1' AS release_id, n AS line, 'dropped' AS verdict, 'reason' || n % 7 AS reason,
  'source/' || n || '.jpg' AS image_path
FROM range(300) AS t(n)
""",
    "benchmark_images": """
SELECT key('benchmark', n) AS image_id, 'set' || n % 14 AS benchmark, n || '' AS item, n || '.jpg' AS image_uri,
  left(key('benchmark', n), 16) AS phash, key('benchmark', n) AS phash256
FROM range(12000) AS t(n)
""",
    "benchmark_items": """
SELECT 'set' || n % 14 AS benchmark, n // 14 || '' AS item, (n // 14)::INTEGER AS position,
  [key('benchmark', n % 12000)] AS image_ids, n || ' how many are there?' AS question, n || '' AS answer
FROM range(15042) AS t(n)
""",
    "contamination_sets": "SELECT 'set' || n AS benchmark, 'v1' AS version FROM range(14) AS t(n)",
    "contamination_questions": """
SELECT 'set' || n % 14 AS benchmark, n // 14 || '' AS item, (n // 14)::INTEGER AS position,
  n || ' how many are there?' AS question
FROM range(15042) AS t(n)
""",
    "contamination_images": """
SELECT 'set' || n % 14 AS benchmark, key('benchmark', n) AS image_id, n || '' AS item,
  left(key('benchmark', n), 16) AS phash, key('benchmark', n) AS phash256
FROM range(12000) AS t(n)
""",
    "policies": """
SELECT 'base-1' AS policy_id, 'base' AS kind, NULL AS parent_id, NULL AS release_id
UNION ALL SELECT 'rl-1', 'rl', 'base-1', 'release-1'
""",
    "predictions": """
SELECT policy_id, kind AS policy_kind, 'set' || n % 14 AS benchmark, n // 14 || '' AS item,
  n || words($text // 4) AS reply, key('policy', n + CASE WHEN kind = 'rl' THEN 15042 ELSE 0 END) AS call_id
FROM lake.policies, range(15042) AS t(n)
""",
    "item_scores": """
SELECT policy_id, benchmark, item, 'correct' AS verdict, 1.0 AS score, 'rule' AS method FROM lake.predictions
""",
    "scores": """
SELECT policy_id, kind AS policy_kind, 'set' || b AS benchmark, 'metric' || m AS metric, m = 0 AS main, 50.0 AS value,
  CASE WHEN m % 2 = 0 THEN 'strict' ELSE 'vlmevalkit' END AS scorer
FROM lake.policies, range(14) AS s(b), range(6) AS t(m)
""",
    "promotions": """
SELECT 'rl-1' AS policy_id, 'base-1' AS base_id, 'release-2' AS release_id, true AS promoted, 600 AS n, '' AS why
""",
    "scoreboard": """
SELECT 'set' || b AS benchmark, 'base-1' AS base_id, 'rl-1' AS rl_id, 1000 AS n FROM range(14) AS s(b)
""",
    "audit_verdicts": """
SELECT key('sample', n) AS sample_id, 'me' AS person, 'release-1' AS release_id, 'right' AS verdict, '' AS note,
  TIMESTAMPTZ '2026-01-01' AS recorded_at
FROM range(400) AS t(n)""",
    "release_tags": """
SELECT 'paper-mix' AS tag, 'release-1' AS release_id, TIMESTAMPTZ '2026-01-01' AS moved_at, 'me' AS moved_by""",
    "releases": """
SELECT unnest(['release-1', 'release-2']) AS release_id, $batches AS batches, 120000 AS target,
  unnest([1, 2]) AS snapshot_id
""",
    "release_rows": """
SELECT release_id, sample_id, image_id, split,
  row_number() OVER (PARTITION BY release_id, split ORDER BY sample_id) - 1 AS position,
  batch, source, licence, problem, answer, answer_typed, answer_type, category, abilities, refined_cot, image_path,
  reward, image_id AS cluster_id, []::VARCHAR[] AS marks
FROM (
  SELECT r.release_id, s.*, CASE WHEN hash(image_id) % 4 = 0 THEN 'heldout' ELSE 'train' END AS split
  FROM lake.releases r, lake.samples s
)
""",
    "training_steps": """
SELECT 'rl-1' AS policy_id, n::INTEGER AS step, '{"loss": 0.1}' AS metrics FROM range(2000) AS t(n)
""",
    "training_guards": """
SELECT 'rl-1' AS policy_id, 'guard-' || n AS guard, 'warn' AS strength, true AS passed, '' AS said FROM range(8) AS t(n)
""",
    "pass_rates": """
SELECT policy_id, kind AS policy_kind, 'release-2' AS release_id, key('sample', n) AS sample_id, 5 AS answers,
  5 AS scored, (n % 6)::INTEGER AS correct, (n % 6) / 5 AS rate
FROM lake.policies, question WHERE sample
""",
    "pass_rate_answers": """
SELECT 'base-1' AS policy_id, key('sample', n) AS sample_id, m::INTEGER AS answer, key('policy', n) AS call_id,
  'correct' AS verdict, 1.0 AS score, 'rule' AS method
FROM question, range(5) AS t(m) WHERE sample
""",
    "pass_at_k": """
SELECT policy_id, 'all' AS part, '' AS name, k::INTEGER AS k, 100 AS rows, 0.5 AS value
FROM lake.policies, range(1, 6) AS t(k)
""",
    "rollouts": """
SELECT 'rl-1' AS policy_id, (n // 64)::INTEGER AS step, key('sample', n) AS sample_id, m::INTEGER AS member,
  n || words($text // 4) AS completion, 'correct' AS verdict, 1.0 AS accuracy, 1.0 AS format, 1.0 AS reward
FROM question, range(8) AS t(m) WHERE sample ORDER BY n, m
""",
}


def fill(store: LakeStore, images: int, *, text: int = 1, files: int = 1) -> dict[str, int]:
    """Write the rows of a pool of `images`, with texts of about `text` words; the number of rows by table.

    Every batch of a table is a data file of its own, as when its stages were committed one after the other; or so many
    `files`, and then calls lie in the order of their ids, so that those of one image are far from each other.
    """
    counts: dict[str, int] = {}
    values = {"images": images, "batches": list(BATCHES), "text": text}
    with store.connection() as con:
        con.execute("USE memory")
        for spine in _SPINES:
            for part in duckdb.extract_statements(spine):
                con.execute(part, {name: values[name] for name in part.named_parameters} or None)
        con.begin()
        for name, rows in _ROWS.items():
            counts[name] = _insert(con, tables()[name], rows, values, files)
        con.commit()
        for table in ("image", "question", "generated"):
            con.execute(f"DROP TABLE temp.{table}")
        con.execute("USE lake")  # as whoever uses the cursor next expects it
    return counts


def fill_calls(store: LakeStore, count: int, *, text: int = 1) -> None:
    """Write this many calls of one batch that stand alone: nothing else of such a lake refers to them."""
    rows = """
SELECT sha256('call' || n) AS call_id, '2026-01' AS batch, 'descriptions' AS asset, 'vlm' AS role, 'model-vlm' AS model,
  'describe' AS prompt, 'v1' AS prompt_version, 'run' AS run_id, 'ok' AS status, 'https://endpoint' AS endpoint,
  '["' || repeat('word ', $text // 2) || '"]' AS messages, n || repeat('word ', $text) AS reply, 1 AS attempts,
  300 AS prompt_tokens, 90 AS completion_tokens, 0.001 AS cost
FROM range($count) AS t(n)
"""
    with store.connection() as con:
        con.execute("USE memory")
        con.begin()
        _insert(con, tables()["calls"], rows, {"count": count, "text": text}, 1)
        con.commit()
        con.execute("DROP TABLE temp.generated")
        con.execute("USE lake")


def parameters(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What every statement can be given on such a lake: ids that it holds, its largest batch, rules as in use."""
    first = {
        name: con.execute(f"SELECT {name} FROM {table} WHERE batch = '{BATCHES[0]}' ORDER BY ALL LIMIT 1").fetchall()[
            0
        ][0]
        for name, table in {"image_id": "images", "question_id": "questions", "sample_id": "samples"}.items()
    }
    calls = [c for (c,) in con.execute("SELECT call_id FROM calls ORDER BY call_id LIMIT 200").fetchall()]
    evaluation = {
        "policy_id": "rl-1",
        "rl": "rl-1",
        "base": "base-1",
        "policy": "rl",
        "weights": None,
        "scorer": "vlmevalkit",
    }
    sets = {"benchmark": "set1", "benchmarks": ["set1", "set2", "heldout"], "item": "1"}
    models = {"endpoint": "e", "model": "m", "prompt_version": "v1", "set_version": "s1"}
    hashes = {"mask": 0xFFFF, "bit": 1, "near": 4, "far": 40}
    leaks = {"n": 8, "long": 13, "part": 12, "share": 0.6, "min_words": 8, "boilerplate": 20}
    return (first | evaluation | sets | models | hashes | leaks) | {
        "batch": BATCHES[0],
        "run_id": f"run-{BATCHES[0]}",
        "ids": [*calls, first["image_id"], "release-1"],
        "call_id": calls[0],
        "prefix": calls[0][:12],
        "owner_id": first["question_id"],
        "asset": "dual_answers",
        "assets": ["dual_answers", "images"],
        "source": "source1",
        "release_id": "release-1",
        "old": "release-1",
        "new": "release-2",
        "subject": first["question_id"],
        "table": "calls",
    }


def _insert(con: duckdb.DuckDBPyConnection, table: Table, rows: str, values: dict[str, object], files: int) -> int:
    order = " ORDER BY call_id" if files > 1 and table.name == "calls" else ""
    (parsed,) = duckdb.extract_statements(f"CREATE OR REPLACE TEMP TABLE generated AS {rows}{order}")
    con.execute(parsed, {name: values[name] for name in parsed.named_parameters} or None)
    given = {name for name, *_ in con.execute("DESCRIBE temp.generated").fetchall()}
    if unknown := given - set(table.column_names):
        raise ValueError(f"table {table.name} has no column {sorted(unknown)}")
    columns = [
        c.name if c.name in given else f"{'NULL' if c.nullable else _FILLED.get(c.type, '0')} AS {c.name}"
        for c in table.columns
    ]
    for batch in BATCHES if "batch" in given else [None]:
        where = "" if batch is None else f" WHERE batch = '{batch}'" + (" OR batch = ''" if batch == BATCHES[0] else "")
        rows = f"SELECT {', '.join(columns)} FROM temp.generated{where}"
        part = _count(con, rows) // files + 1
        for n in range(files):
            con.execute(f"INSERT INTO lake.{table.name} {rows} LIMIT {part} OFFSET {part * n}")
    return _count(con, "FROM temp.generated")


def _count(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM ({rows})").fetchall()[0][0])
