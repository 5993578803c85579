"""Our scores of the synthetic replies, asked of the same scripted judge. Belongs here: nothing but that."""

from __future__ import annotations

from collections.abc import Sequence

from resources.calls.messages import ModelReply, ModelRequest
from tests.evaluation.parity import synthetic
from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.benchmark_sets.tsv import item_row
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.scoring import Scored, score_items

FIELDS = {"option_choice": "letter", "extracted_answer": "answer", "same_answer": "correct", "grade": "score"}
READ = {"Y": "A", "N": "B"}  # yes and no are the two options that a judge of HallusionBench is shown


class Scripted:
    """Says of each row what the synthetic rows wrote down for it."""

    def __init__(self, name: str, verdicts: dict[str, synthetic.Row]) -> None:
        self.name, self.verdicts, self.asked = name, verdicts, 0

    def __call__(self, requests: Sequence[ModelRequest]) -> list[ModelReply]:
        self.asked += len(requests)
        return [self._reply(request) for request in requests]

    def _reply(self, request: ModelRequest) -> ModelReply:
        field = FIELDS[request.schema_name or ""]
        value = self.verdicts[request.subject_id.partition(":")[2]][field]
        parsed = {field: READ.get(value, value) if self.name == "HallusionBench" else value}
        return ModelReply("call", True, "", parsed, None, None, "", "judge", False, 0.0, 1, 1)


def items(name: str) -> list[tuple[Item, str]]:
    """Items and replies of a set, as its TSV gives them."""
    pairs = []
    for position, (row, _) in enumerate(synthetic.rows(name)):
        texts = {k: str(v) for k, v in row.items() if k != "prediction"}
        pairs.append((Item.of(item_row(name, position, texts["index"], texts)), row["prediction"]))
    return pairs


def scored(benchmark: Benchmark, scorer: str, *, judge: bool) -> list[tuple[Item, Scored]]:
    """Verdicts on all rows of a set."""
    name = benchmark.name
    pairs = items(name)
    rule = family(benchmark.rule).rule(scorer, judge=judge)
    ask = Scripted(name, {str(row["index"]): judged for row, judged in synthetic.rows(name)}) if judge else None
    verdicts = score_items([(rule, item, reply) for item, reply in pairs], ask)
    return [(item, verdict) for (item, _), verdict in zip(pairs, verdicts, strict=True)]
