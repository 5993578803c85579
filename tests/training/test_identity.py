"""Ids of policies: everything that decides a policy's weights is in them, and nothing else."""

from __future__ import annotations

import ast
import importlib.util
import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets import code_digest, prompt_files
from wethink_assets.rewards import terms
from wethink_assets.rewards.identity import rewards_digest
from wethink_assets.rewards.terms import RewardTerm
from wethink_assets.settings import TrainingSettings
from wethink_assets.training import identity
from wethink_assets.training.row_file import RowFile, TrainingRow


def test_the_id_of_a_policy_changes_with_what_makes_it_and_only_with_that():
    plain = TrainingSettings()
    policy = identity.rl_id("base-1", "w", "release", plain, None)
    assert policy == identity.rl_id("base-1", "w", "release", plain.model_copy(update={"threads": 7}), None)
    for same in ({"gpu_memory_gib": 80.0}, {"offload": "optimizer"}, {"vllm_sleep": True}, {"max_model_length": 9}):
        assert policy == identity.rl_id("base-1", "w", "release", plain.model_copy(update=same), None)
    named = TrainingSettings(preset="tiny-cpu")
    spelled_out = named.model_copy(update={"preset": ""})
    assert identity.rl_id("b", "w", "r", named, None) == identity.rl_id("b", "w", "r", spelled_out, None)
    for change in ({"loss": "grpo"}, {"epsilon_high": 0.2}, {"max_pixels": 784}):
        assert policy != identity.rl_id("base-1", "w", "release", plain.model_copy(update=change), None)
    for other in (
        identity.rl_id("base-2", "w", "release", plain, None),
        identity.rl_id("base-1", "v", "release", plain, None),
        identity.rl_id("base-1", "w", "other", plain, None),
        identity.rl_id("base-1", "w", "release", plain, "judge"),
        identity.rl_id("base-1", "w", "release", plain.model_copy(update={"learning_rate": 1e-6}), None),
    ):
        assert other != policy
    assert identity.base_id(plain) == identity.base_id(plain.model_copy(update={"steps": 3}))
    assert identity.base_id(plain) != identity.base_id(plain.model_copy(update={"seed": 3}))


def checkpoint(folder, **config):
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(b"x")
    return str(folder)


def test_a_configured_checkpoint_must_take_images(tmp_path):
    good = checkpoint(tmp_path / "good", model_type="qwen2_5_vl", vision_config={})
    assert identity.inspect_checkpoint(good)["weights"] == [["model.safetensors", 1]]
    assert identity.inspect_checkpoint("Qwen/Qwen2.5-VL-7B-Instruct") == {"hub": "Qwen/Qwen2.5-VL-7B-Instruct"}
    text = checkpoint(tmp_path / "text", model_type="llama")
    with pytest.raises(identity.BaseError, match="llama model, which takes no images"):
        identity.inspect_checkpoint(text)
    with pytest.raises(identity.BaseError, match="neither a folder nor a hub name"):
        identity.inspect_checkpoint(str(tmp_path / "absent"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(identity.BaseError, match=r"config\.json"):
        identity.inspect_checkpoint(str(tmp_path / "empty"))
    (tmp_path / "good" / "model.safetensors").unlink()
    with pytest.raises(identity.BaseError, match="safetensors"):
        identity.inspect_checkpoint(good)


def test_the_number_of_processes_is_in_the_id_however_it_came_about():
    """0 of the settings is whatever the machine offers, which is resolved before the id is made."""
    plain = TrainingSettings()

    def policy(training, processes):
        return identity.rl_id("base-1", "w", "release", training, None, processes=processes)

    assert policy(plain, 2) == policy(plain.model_copy(update={"processes": 2}), 2) != policy(plain, 1)


def test_a_warm_start_shared_by_two_processes_is_another_base_and_a_checkpoint_the_same():
    plain, named = TrainingSettings(), TrainingSettings(base="a/b")
    assert identity.base_id(plain, processes=2) != identity.base_id(plain, processes=1)
    assert identity.base_id(named, {"hub": "a/b"}, processes=2) == identity.base_id(named, {"hub": "a/b"})


def test_rows_without_their_image_make_another_policy(tmp_path):
    rows = [TrainingRow(name, "What?", "red", "{}", "FIB", "rule", "i" + name, f"/{name}.png") for name in "abc"]

    def digest(given):
        with RowFile(tmp_path / "rows.arrow") as file:
            file.append(given)
        return file.digest

    assert digest(rows) == digest([TrainingRow(**{**vars(r), "image": "/elsewhere.png"}) for r in rows])
    assert len({digest(rows), digest(rows[:2]), digest(rows[::-1])}) == 3
    plain = TrainingSettings()
    ids = {identity.rl_id("b", "w", "release", plain, None, rows=digest(some)) for some in (rows, rows[1:])}
    assert len(ids) == 2


# -- code ------------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A copy of the package that may be edited, and that ids are made from."""
    package = tmp_path / "wethink_assets"
    shutil.copytree(code_digest.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code_digest, "PACKAGE", package)
    monkeypatch.setattr(prompt_files, "_HOUSE", package)
    prompt_files.prompt.cache_clear()
    yield package
    prompt_files.prompt.cache_clear()


def ids() -> dict[str, str]:
    """Everything that has to do with code: the base, a policy with and one without a judge, the reward."""
    prompt_files.prompt.cache_clear()
    plain = TrainingSettings()
    return {
        "base": identity.base_id(plain),
        "checkpoint": identity.base_id(plain.model_copy(update={"base": "a/b"}), {"hub": "a/b"}),
        "judged": identity.rl_id("base-1", "w", "release", plain, "judge"),
        "ruled": identity.rl_id("base-1", "w", "release", plain, None),
        "reward": rewards_digest(),
    }


CHANGES = {
    "a rule": ("rewards/rule_texts.py", "import re\n", "import re\n\nLIMIT = 3\n", {"judged", "ruled", "reward"}),
    "the judge's prompt": ("rewards/prompts/judge.md", "about half", "a half", {"judged", "reward"}),
    "how judges are retried": (
        "rewards/hybrid.py",
        "JUDGE_PASSES = 1",
        "JUDGE_PASSES = 2",
        {"judged", "ruled", "reward"},
    ),
    "a weight": (
        "rewards/terms.py",
        "ACCURACY_WEIGHT, FORMAT_WEIGHT = 0.7",
        "ACCURACY_WEIGHT, FORMAT_WEIGHT = 0.8",
        {"judged", "ruled", "reward"},
    ),
    "the scorer": ("training/scoring.py", "|{step}|", "/{step}/", {"judged", "ruled"}),
    "the trainer's arguments": ("training/trainer_config.py", "top_p=1.0,", "top_p=0.9,", {"judged", "ruled"}),
    "the worker": ("training/grpo_worker.py", "policy_folder", "made_folder", {"judged", "ruled"}),
    "the training set": ("training/training_set.py", "math.ceil", "math.floor", {"judged", "ruled"}),
    "the conversation": ("training/conversation.py", '"image"', '"picture"', {"base", "judged", "ruled"}),
    "the tiny policy": ("training/tiny_policy.py", "VOCABULARY = 768", "VOCABULARY = 769", {"base"}),
    "the lessons": ("training/warm_start.py", "MISNAMED_SHARE = 0.6", "MISNAMED_SHARE = 0.5", {"base"}),
    "a kind of scene": ("demo/pack/kinds/charts.py", "INK", "PAPER", {"base"}),
    "the colours": ("demo/pack/palette.py", "import", "import re as _\nimport", {"base"}),
    "how judges are measured": ("rewards/calibration/__init__.py", "import", "import re as _\nimport", set()),
    "assets": ("training/assets.py", "import time", "import time, os", set()),
    "a synthesis prompt": ("synthesis/prompts/describe.md", "in detail", "thoroughly", set()),
    "a benchmark's rule": ("evaluation/statistics.py", "import", "import re as _\nimport", set()),
    "the pack's files": ("demo/pack/encode.py", "import", "import re as _\nimport", set()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_code_changes_exactly_what_depends_on_it(house, change):
    path, old, new, depends = CHANGES[change]
    before = ids()
    text = (house / path).read_text("utf-8")
    assert old in text
    (house / path).write_text(text.replace(old, new, 1) if old == "import" else text.replace(old, new), "utf-8")
    after = ids()
    assert {name for name in before if after[name] != before[name]} == depends


def test_what_words_the_lessons_from_other_rooms_is_in_the_base(monkeypatch):
    before = identity.base_id(TrainingSettings())
    for name, value in (("SYSTEM_PROMPT", "Think."), ("DESCRIPTIVE", "X"), ("with_options", json.dumps)):
        with monkeypatch.context() as patch:
            patch.setattr(identity, name, value)
            assert identity.base_id(TrainingSettings()) != before
    assert identity.base_id(TrainingSettings()) == before


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_comments_docstrings_and_layout_change_no_id(tmp_path_factory, data):
    counted = [f for name in (*identity.GRPO_MODULES, *identity.TINY_MODULES) for f in code_digest.module_files(name)]
    source = data.draw(st.sampled_from(sorted({*counted, *code_digest.room_files("rewards")})))
    tree = ast.parse(source.read_text("utf-8"))
    documented = [n for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    for node in data.draw(st.lists(st.sampled_from(documented), max_size=4)):
        node.body.insert(0, ast.Expr(ast.Constant(data.draw(st.text(max_size=10)))))
    folder = tmp_path_factory.mktemp("same")
    copy = folder / source.name
    copy.write_text("# a comment\n" + ast.unparse(ast.fix_missing_locations(tree)), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_digest, "PACKAGE", source.parent)
        one = code_digest.digest([source])
        patch.setattr(code_digest, "PACKAGE", folder)
        assert code_digest.digest([copy]) == one


def imported(module: str, room: str) -> set[str]:
    """The modules of a room that a module imports, at any depth and also within functions; itself included."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        folder = code_digest.PACKAGE / name
        files = [folder / "__init__.py"] if folder.is_dir() else [folder.with_suffix(".py")]
        if name in seen or not files[0].is_file() or not name.startswith(room):
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(files[0].read_text("utf-8"))):
            targets = []
            if isinstance(node, ast.ImportFrom) and node.module:
                targets = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            waiting += [t.removeprefix("wethink_assets.").replace(".", "/") for t in targets]
    return seen


def test_every_module_that_training_imports_is_counted():
    """A new module of the trainer, or of what draws the lessons, cannot be forgotten."""
    watched = ("callbacks", "checkpoints", "guards", "job", "row_file", "step_log", "throughput", "watch")
    not_learned = {f"training/{name}" for name in (*watched, "memory_cures", "memory_plan", "model_shape")}
    assert imported("training/grpo_worker", "training/") - not_learned == set(identity.GRPO_MODULES)
    lessons = imported("training/base_worker", "training/") - {"training/job", "training/row_file"}
    assert lessons == {name for name in identity.TINY_MODULES if name.startswith("training/")}
    drawn = imported("demo/pack/render", "demo/pack/") | imported("demo/pack/scene", "demo/pack/")
    kinds = {name for name in drawn if name.startswith("demo/pack/kinds/")}
    assert kinds and drawn - kinds == {name for name in identity.TINY_MODULES if name.startswith("demo/")}


def test_a_registered_term_is_in_the_id_of_policies_with_its_weight_and_its_module(tmp_path):
    source = tmp_path / "brief_term.py"

    def with_term(text: str, weight: float) -> dict[str, str]:
        source.write_text(text)
        spec = importlib.util.spec_from_file_location("brief_term", source)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        terms.register(RewardTerm("brief", weight, module.brief))
        try:
            return ids()
        finally:
            terms.unregister("brief")

    rule = "def brief(completion):\n    return 1.0 if len(completion.text) < 200 else 0.0\n"
    plain, with_brief = ids(), with_term(rule, 0.1)
    assert {name for name in plain if plain[name] != with_brief[name]} == {"judged", "ruled", "reward"}
    assert with_term("# a comment\n" + rule, 0.1) == with_brief
    assert with_term(rule, 0.2) != with_brief and with_term(rule.replace("200", "300"), 0.1) != with_brief
    assert ids() == plain
