"""Both policies made by real workers: DeepSpeed engaged, resumed after kill -9 with equal results, rollouts kept,
served by the real engine.
"""

import base64
import io
import json
import os
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from importlib.util import find_spec
from types import SimpleNamespace

import dagster as dg
import psutil
import pytest
from PIL import Image

from resources.settings import SettingsResource
from resources.workers import vllm_server
from resources.workers.vllm_server import HOOKS, torch_is_cpu_build
from tests import secrets_left
from tests.paths_left import places_of
from tests.resources.calls.stub_endpoint import Act, Call, StubEndpoint, completion
from tests.resources.workers.listening import listening_sockets, not_loopback
from tests.training.by_heart import reciting
from tests.training.installation import MECHANICS, RELEASE, materialize, resources, settings, write_release
from tests.training.kill_at_checkpoint import killed_at_checkpoint
from wethink_assets.evaluation.report.policy_export import PolicyExportError, export, policy_named
from wethink_assets.settings import PROJECT_ROOT, EndpointSettings
from wethink_assets.training.assets import training_assets
from wethink_assets.training.guards import GUARDS
from wethink_assets.training.job import MANIFEST, STEPS, logged_steps, read_manifest
from wethink_assets.training.throughput import OF_THE_CLOCK

pytestmark = pytest.mark.skipif(not find_spec("torch"), reason="training needs the cpu or gpu dependencies: make setup")

base_policy, _, rl_policy = training_assets()
CPU_ENGINE = torch_is_cpu_build() and bool(vllm_server.find_spec("vllm"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Base policy, an RL run killed after its first checkpoint, the same run gone on with, a whole one beside it."""
    home = tmp_path_factory.mktemp("training")
    config = settings(home, MECHANICS.model_copy(update={"heldout_every": 2, "heldout_rows": 2}))
    samples = write_release(config, 4, heldout=1)[:6]  # two steps a pass: the second one is of the resumed run alone
    base = materialize(config, [base_policy])
    assert base.success
    with killed_at_checkpoint(home):
        killed = materialize(config, [rl_policy])
    assert not killed.success
    assert not list(home.glob("policies/rl-*/" + MANIFEST)), "an unfinished policy has no folder"
    left = places_of(str(home), home)
    on_two = config.model_copy(update={"training": config.training.model_copy(update={"processes": 2})})
    elsewhere = materialize(on_two, [rl_policy])
    with listening_sockets() as sockets:
        resumed = materialize(config, [rl_policy])
    assert resumed.success
    lake = resources(config)["lake"].store
    yield {
        "home": home,
        "config": config,
        "samples": samples,
        "base": base,
        "resumed": resumed,
        "elsewhere": elsewhere,
        "left": left,
        "lake": lake,
        "sockets": sockets,
    }
    lake.close()


def rl_folder(trained):
    return next(p for p in (trained["home"] / "policies").glob("rl-*") if p.suffix == "")


def metadata(result, asset):
    event = next(e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(asset))
    return {k: v.value for k, v in event.materialization.metadata.items()}


def test_the_base_policy_is_a_registered_checkpoint(trained):
    (row,) = trained["lake"].sql("SELECT * FROM policies WHERE kind = 'base'").to_dicts()
    manifest = read_manifest(trained["home"] / row["path"])
    assert row["weights_sha256"] == manifest["weights_sha256"] and manifest["finite"]
    assert (
        trained["lake"].sql("SELECT count(*) AS n FROM training_steps WHERE policy_id = $p", p=row["policy_id"])["n"][0]
        == 2
    )
    assert metadata(trained["base"], "base_policy")["loss"].startswith("![")


def test_the_worker_went_on_after_its_last_checkpoint_under_zero(trained):
    (row,) = trained["lake"].sql("SELECT * FROM policies WHERE kind = 'rl'").to_dicts()
    manifest = read_manifest(trained["home"] / row["path"])
    assert manifest["zero_stage"] == 2 and manifest["resumed_after"] == 2
    assert row["release_id"] == RELEASE and row["parent_id"].startswith("base-")
    assert not list(trained["home"].glob("policies/*.work")), "nothing is left of the work folder"
    assert not list((trained["home"] / row["path"]).glob("*.bin")), "no pickle in a policy"


def test_no_absolute_path_of_the_home_lies_in_it_but_in_the_logs_of_its_processes(trained):
    left = [*trained["left"], *places_of(str(trained["home"]), trained["home"])]  # also of the unfinished training
    assert [place for place in left if not place.startswith("logs/")] == []


def test_nobody_on_the_network_reaches_a_training_run(trained):
    assert trained["sockets"] and not not_loopback(trained["sockets"])


def test_every_completion_is_a_row_and_every_step_is_there(trained):
    lake = trained["lake"]
    rollouts = lake.sql("SELECT * FROM rollouts ORDER BY step, sample_id, member").to_dicts()
    assert len(rollouts) == MECHANICS.steps * MECHANICS.prompts_per_step * MECHANICS.group_size
    keys = {(r["step"], r["sample_id"], r["member"]) for r in rollouts}
    assert len(keys) == len(rollouts), "a step that was done again is not there twice"
    assert {r["sample_id"] for r in rollouts} <= {s["sample_id"] for s in trained["samples"]}
    assert all(abs(r["reward"] - 0.7 * r["accuracy"] - 0.3 * r["format"]) < 1e-9 for r in rollouts)
    steps = lake.sql("SELECT step, metrics FROM training_steps WHERE policy_id LIKE 'rl-%' ORDER BY step").to_dicts()
    assert [s["step"] for s in steps] == [1, 2, 3, 4]
    logged = json.loads(steps[0]["metrics"])
    mean = sum(r["reward"] for r in rollouts if r["step"] == 1) / 6
    assert logged["reward"] == pytest.approx(mean, abs=1e-4), "the trainer learned from the very rewards in the log"
    metrics = [json.loads(step["metrics"]) for step in steps]
    assert ["heldout/accuracy" in step for step in metrics] == [False, True, False, True]
    recorded = {"entropy", "grad_norm", "learning_rate", "tokens_per_second", "memory_gib", "groups/flat", "left_out"}
    assert all(recorded <= step.keys() and step["tokens_per_second"] > 0 for step in metrics)
    assert metrics[0]["accuracy/rule"] == pytest.approx(metrics[0]["rewards/accuracy/mean"], abs=1e-4)


def test_what_the_guards_said_is_a_row_and_a_check(trained):
    said = trained["lake"].sql("SELECT * FROM training_guards ORDER BY guard").to_dicts()
    checks = {c.check_name: c for c in trained["resumed"].get_asset_check_evaluations()}
    assert {row["guard"] for row in said} == {guard.name for guard in GUARDS}
    assert all(checks[f"guard_{row['guard']}"].passed == (row["passed"] is not False) for row in said)
    passed = {row["guard"]: row["passed"] for row in said}
    assert passed["non_finite"] is True and passed["heldout"] is True and passed["kl"] is None


def test_rows_are_conserved_and_shown(trained):
    (row,) = trained["lake"].sql("SELECT * FROM materializations WHERE asset = 'rl_policy'").to_dicts()
    assert row["rows_in"] == len(trained["samples"]) == row["continued"] + row["dropped"]
    checks = {c.check_name: c.passed for c in trained["resumed"].get_asset_check_evaluations()}
    assert checks["rows_conserved"] and checks["weights_sound"] and "reward_improved" in checks
    shows = metadata(trained["resumed"], "rl_policy")
    assert (
        shows["rollouts"] == 24 and "![Mean reward" in shows["rewards"] and "| question |" in shows["example_rollouts"]
    )
    assert "![The course of the run" in shows["course"]


@pytest.mark.long
def test_a_run_that_was_killed_and_went_on_equals_one_that_was_not(trained):
    """Rollouts after the resume, sampled from restored weights, optimizer and random state, are those of a whole."""
    rl = trained["lake"].sql("SELECT policy_id, weights_sha256 FROM policies WHERE kind = 'rl'").to_dicts()[0]
    folder = trained["home"] / "policies" / rl["policy_id"]
    folder.rename(folder.with_suffix(".first"))
    training = trained["config"].training.model_copy(update={"decode_workers": 1})  # says how fast, not what is learned
    again = materialize(trained["config"].model_copy(update={"training": training}), [rl_policy])
    assert again.success
    assert read_manifest(folder)["resumed_after"] == 0
    import polars as pl

    columns = ["step", "sample_id", "member", "completion", "reward"]
    folders = (folder, folder.with_suffix(".first"))
    whole, gone_on = (pl.read_parquet(f / "rollouts.parquet").select(columns) for f in folders)
    assert whole.equals(gone_on)
    for one, other in zip(*(logged_steps(f / STEPS) for f in folders), strict=True):
        assert one["metrics"].keys() == other["metrics"].keys() and len(one["metrics"]) > 20
        for name in one["metrics"].keys() - OF_THE_CLOCK:
            assert one["metrics"][name] == pytest.approx(other["metrics"][name], abs=1e-4), (one["step"], name)
    assert read_manifest(folder)["weights_sha256"] == rl["weights_sha256"]


def test_a_run_left_unfinished_on_one_process_is_not_begun_anew_on_two_in_silence(trained):
    failure = next(e for e in trained["elsewhere"].all_events if e.is_step_failure).event_specific_data.error
    assert "up to step 2 of 4 on 1 processes" in str(failure) and "on_other_ranks" in str(failure)


def test_a_policy_leaves_as_a_whole_and_only_when_it_is_promoted(trained, tmp_path):
    policy = policy_named(trained["lake"], "latest")
    with pytest.raises(PolicyExportError, match=r"is not promoted .* materialise scoreboard"):
        export(trained["lake"], trained["home"], policy, tmp_path / "model")
    files = {f.name for f in export(trained["lake"], trained["home"], policy, tmp_path / "model", unpromoted=True)}
    assert {"README.md", "config.json", "model.safetensors", "processor_config.json", "tokenizer.json"} <= files


def test_a_second_run_trains_nothing_and_writes_nothing_twice(trained):
    lake = trained["lake"]
    before = lake.sql("SELECT count(*) AS n, max(run_id) AS run FROM rollouts").to_dicts()
    logs = {p: p.stat().st_mtime_ns for p in (trained["home"] / "logs").iterdir()}
    result = materialize(trained["config"], [base_policy, rl_policy])
    assert result.success
    assert lake.sql("SELECT count(*) AS n, max(run_id) AS run FROM rollouts").to_dicts() == before
    assert {p: p.stat().st_mtime_ns for p in (trained["home"] / "logs").iterdir()} == logs, "no worker was started"


needs_cpu_vllm = pytest.mark.skipif(not CPU_ENGINE, reason="needs the CPU variant of vLLM (make setup)")


def test_what_does_not_fit_the_gpus_that_it_names_is_refused_before_a_worker_starts(trained):
    training = MECHANICS.model_copy(update={"gpu_memory_gib": 2.0, "seed": 9})
    result = materialize(trained["config"].model_copy(update={"training": training}), [rl_policy])
    failure = next(e for e in result.all_events if e.is_step_failure).event_specific_data.error
    assert "no setting makes it fit" in str(failure) and "training" in str(failure)
    assert not list(trained["home"].glob("policies/rl-*.work"))


def test_an_order_by_pass_rate_without_rates_is_one_clear_line(trained):
    training = MECHANICS.model_copy(update={"order": "easy_first"})
    result = materialize(trained["config"].model_copy(update={"training": training}), [rl_policy])
    failure = next(e for e in result.all_events if e.is_step_failure).event_specific_data.error
    assert "needs pass rates, and no row has one" in str(failure) and "materialise pass_rates_base" in str(failure)


@pytest.fixture(scope="module")
def served(trained):
    """The RL policy behind the real engine, which refuses a checkpoint that lacks weights.

    (base URL, log lines, sockets, the engine's processes with the marked secrets that each has of its parent's.)
    """
    lines: list[str] = []
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    server = vllm_server.PolicyServer(settings=SettingsResource.of(trained["config"]))
    with listening_sockets() as sockets, ExitStack() as stack:
        with secrets_left.marked_environment():
            url = stack.enter_context(server.start(rl_folder(trained), "tiny", log=lines.append))
        yield url, lines, sockets, secrets_left.children()
        started = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
        assert started
    left = [p for p in started if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not left


def chat(url: str, content) -> dict:
    body = {"model": "tiny", "messages": [{"role": "user", "content": content}], "max_tokens": 6, "temperature": 0}
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - our own server
        return json.load(reply)


@pytest.mark.long
@needs_cpu_vllm
def test_the_real_engine_answers_greedily_and_the_same_again(served):
    url, lines, *_ = served
    first = chat(url, "What colour is the car?")
    assert first["usage"]["completion_tokens"] >= 1
    assert chat(url, "What colour is the car?")["choices"][0]["message"] == first["choices"][0]["message"]
    assert "is served at" in lines[-1]
    assert not any("did not start" in line for line in lines), (
        "the quick start must hold, or every start costs a minute"
    )


@pytest.mark.long
@needs_cpu_vllm
def test_nobody_on_the_network_reaches_the_server(served):
    chat(served[0], "What colour is the car?")
    assert served[2] and not not_loopback(served[2])


@pytest.mark.long
@needs_cpu_vllm
def test_the_engine_has_none_of_the_keys_of_its_parent(served):
    assert served[3] and not any(served[3].values())


@pytest.mark.long
@needs_cpu_vllm
def test_the_checkpoint_sees_images(served):
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "red").save(out, "PNG")
    picture = {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()},
    }
    text = "What colour is the car?"
    asked = [chat(served[0], content)["usage"] for content in ([picture, {"type": "text", "text": text}], text)]
    assert asked[0]["prompt_tokens"] - asked[1]["prompt_tokens"] - 2 in range(2, 10), "its tokens between two marks"
    assert asked[0]["completion_tokens"] >= 1


@pytest.mark.skipif(CPU_ENGINE, reason="the real engine loads it, sees with it and answers")
def test_the_policy_loads_and_answers(trained):
    """In a process of its own: torch and the image processor stay out of the suite's."""
    env = os.environ | {"PYTHONPATH": str(HOOKS)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.ask_policy", str(rl_folder(trained))],
        cwd=PROJECT_ROOT,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["visual_tokens"] in range(2, 10) and answer["tokens"] >= 1


@pytest.fixture(scope="module")
def judged(trained, tmp_path_factory):
    """Adapters learned from a judge who wants a key, by a worker whose parent's environment is full of secrets."""
    home, outside = tmp_path_factory.mktemp("judged") / "home", tmp_path_factory.mktemp("base")
    (home / "dagster").mkdir(parents=True)
    own = next(p for p in (trained["home"] / "policies").glob("base-*") if p.is_dir())
    base = reciting(own, outside / "base")
    short = {"steps": 2, "max_completion_length": 10}  # as long as what it recites
    config = settings(home, MECHANICS.model_copy(update={"base": str(base), "lora_rank": 4, "beta": 0.1, **short}))
    samples = write_release(config, 4, judged=True)
    with secrets_left.marked_environment(), StubEndpoint(_likes_a) as stub:
        asked = EndpointSettings(base_url=stub.base_url, model="judge", api_key_env=secrets_left.KEY)
        config = config.model_copy(update={"endpoints": {"judge": asked}})
        watch = secrets_left.Watch(every_s=1.0)
        with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
            result = materialize(config, [base_policy, rl_policy], instance)
        watch.close()
    lake = resources(config)["lake"].store
    yield SimpleNamespace(
        home=home, base=base, result=result, lake=lake, watch=watch, calls=stub.calls, samples=samples
    )
    lake.close()


def _likes_a(call: Call) -> Act:
    return Act(completion(json.dumps({"score": float("\nA\n" in call.text), "reason": "so"})))


@pytest.mark.long
def test_a_policy_of_adapters_is_a_checkpoint_like_any_other(judged):
    assert judged.result.success
    checks = {c.check_name: c.passed for c in judged.result.get_asset_check_evaluations()}
    assert checks["weights_sound"] and checks["guard_kl"]
    (kl,) = judged.lake.sql("SELECT passed FROM training_guards WHERE guard = 'kl'").to_dicts()
    assert kl["passed"], "with a beta it is looked at"
    folder = judged.home / str(metadata(judged.result, "rl_policy")["folder"])
    names = {path: tensor_names(path / "model.safetensors") for path in (folder, judged.base)}
    assert names[folder] == names[judged.base], "the adapters are merged"
    learned = tensor_names(folder / "adapter" / "adapter_model.safetensors")
    assert learned and all("lora_" in name and "language_model" in name for name in learned)
    assert places_of(str(judged.base), folder) == [], "the base's name is enough"


@pytest.mark.long
def test_only_the_worker_that_asks_a_judge_has_its_key_and_it_is_left_nowhere(judged):
    """In a real run whose every answer a judge scored over HTTP. Its supervisor, which hands it on, has it too."""
    rollouts = judged.lake.sql("SELECT completion, accuracy FROM rollouts").rows()
    assert len(rollouts) == 12 and all(accuracy == ("<answer>A<" in text) for text, accuracy in rollouts)
    asked = judged.lake.sql("SELECT count(*) AS n FROM calls WHERE role = 'judge' AND asset = 'rl_policy'")["n"][0]
    assert asked == len(judged.calls) > 0
    assert {c.headers["Authorization"] for c in judged.calls} == {
        f"Bearer {secrets_left.ENVIRONMENT[secrets_left.KEY]}"
    }
    worker = [command for command in judged.watch.seen if "wethink_assets.training.grpo_worker" in command]
    given = {(command, name) for command in worker for name in (secrets_left.KEY, "https_proxy")}
    assert worker and judged.watch.marked == given
    assert not secrets_left.left_in_files(judged.home)
    assert not secrets_left.left_in_lake(judged.lake)


def tensor_names(path) -> set[str]:
    """The names in the head of a safetensors file."""
    with path.open("rb") as file:
        return json.loads(file.read(int.from_bytes(file.read(8), "little"))).keys() - {"__metadata__"}


def test_a_base_that_is_absent_is_one_clear_line(tmp_path):
    config = settings(tmp_path, MECHANICS.model_copy(update={"base": str(tmp_path / "nowhere")}))
    result = materialize(config, [base_policy])
    failure = next(e for e in result.all_events if e.is_step_failure).event_specific_data.error
    assert "neither a folder nor a hub name" in str(failure) and "Traceback" not in failure.message


def test_without_base_or_release_the_failure_names_the_asset_to_make(tmp_path):
    result = materialize(settings(tmp_path), [rl_policy])
    failure = next(e for e in result.all_events if e.is_step_failure).event_specific_data.error
    assert "materialise base_policy" in str(failure)
