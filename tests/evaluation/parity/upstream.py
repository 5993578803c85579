"""VLMEvalKit's own scores of a folder of prediction files: a program of its own, run with a checkout at hand.

`python upstream.py CHECKOUT FOLDER` reads FOLDER/<set>.tsv (predictions, as VLMEvalKit writes them with
PRED_FORMAT=tsv) and FOLDER/judge.json ({set: {index: {letter, answer, correct, score}}}), lets the checkout's
`evaluate` of every set run over them, and prints JSON: {"scores": {set: {mode: {"rows": {index: score}, "numbers":
{name: value}}}}, "prompts": {set: [messages]}}, the latter of the rows in FOLDER/prompts.json. Mode `judge` has the
scripted judge; `none` is its "exact matching", for the sets that have it.

Nothing of a checkout is changed or copied. Packages that the checkout imports and this environment lacks are stood in
for by hollow modules: the score rules need pandas and numpy alone.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import os
import pickle
import re
import shutil
import sys
import tempfile
import types
import typing
from pathlib import Path

TAG = re.compile(r"\[row (\w+)\]")


class Hollow(types.ModuleType):
    """A module of which every attribute exists; called with one function, it gives that back, as a decorator."""

    __path__: typing.ClassVar[list[str]] = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Hollow(f"{self.__name__}.{name}")

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else self

    def __mro_entries__(self, bases):
        return (object,)

    def __or__(self, other):
        return self

    __ror__ = __getitem__ = __or__

    def __iter__(self):
        return iter(())


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: whatever the checkout imports and nobody else finds is hollow."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = str(checkout)

    def find_spec(self, name, path, target=None):
        frame = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is None or name.split(".")[0] == "vlmeval" or not frame.f_code.co_filename.startswith(self.checkout):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Hollow(spec.name)

    def exec_module(self, module):
        pass


def package(name: str, path: Path) -> types.ModuleType:
    """A package without its own __init__, which would import every model that there is."""
    module = types.ModuleType(name)
    module.__path__ = [str(path)]
    sys.modules[name] = module
    return module


class Judge:
    """Says of each row what the test wrote down for it."""

    def __init__(self, verdicts: dict[str, dict], field: str) -> None:
        self.verdicts, self.field, self.row, self.asked = verdicts, field, None, 0
        self.system_prompt = ""

    def working(self) -> bool:
        return True

    def generate(self, prompt: str, **_: object) -> str:
        tags = TAG.findall(prompt)
        row = self.verdicts[tags[-1] if tags else str(self.row)]
        self.asked += 1
        field = "correct" if self.field == "answer" and "Judgement:" in prompt[-40:] else self.field
        value = row[field]
        if field == "letter":
            return {"Y": "Yes", "N": "No"}.get(value, value)
        return str(int(value)) if field == "correct" else str(value)


def serial(judge: Judge | None):
    """One task after the other in this process, results kept where the caller looks for them."""

    def run(function, tasks, nproc=1, chunksize=1, save=None, keys=None, **_):
        results = []
        for task, key in zip(tasks, keys, strict=True):
            if judge is not None:
                judge.row = key
            results.append(function(**task) if isinstance(task, dict) else function(*task))
        if save:
            file = Path(save)
            kept = pickle.loads(file.read_bytes()) if file.exists() else {}
            file.write_bytes(pickle.dumps({**kept, **dict(zip(keys, results, strict=True))}))
        return results

    return run


# set: module, class, what its judge is asked for, column of the row's score in which file of the evaluation
SETS = {
    "MMStar": ("image_mcq", "ImageMCQDataset", "letter", "hit", "*_result.tsv"),
    "AI2D_TEST": ("image_mcq", "ImageMCQDataset", "letter", "hit", "*_result.tsv"),
    "MMBench_TEST_EN_V11": ("image_mcq", "ImageMCQDataset", "letter", "hit", "*_result.tsv"),
    "MMBench_TEST_CN_V11": ("image_mcq", "ImageMCQDataset", "letter", "hit", "*_result.tsv"),
    "MMMU_DEV_VAL": ("image_mcq", "MMMUDataset", "letter", "hit", "*_result.tsv"),
    "WeMath": ("image_mcq", "WeMath", "letter", "hit", "*_scripted.tsv"),
    "HallusionBench": ("image_yorn", "ImageYORNDataset", "letter", "score", "*_auxmatch.tsv"),
    "MathVista_MINI": ("image_vqa", "MathVista", "answer", None, "*_scripted.tsv"),
    "MathVision": ("image_vqa", "MathVision", "answer", None, "*_scripted.tsv"),
    "MathVerse_MINI_Vision_Only": ("image_vqa", "MathVerse", "answer", "score", "*_scripted_score.tsv"),
    "LogicVista": ("image_vqa", "LogicVista", "answer", "hit", "*_scripted.tsv"),
    "MMVet": ("image_vqa", "MMVet", "score", "score", "*_scripted.tsv"),
    "OCRBench": ("image_vqa", "OCRBench", "answer", None, ""),
    "DynaMath": ("dynamath", "Dynamath", "answer", "correct", "*_scripted.tsv"),
    "ChartQA_TEST": ("image_vqa", "ImageVQADataset", "answer", "eval_score", "*_results.tsv"),
}
WITHOUT_JUDGE = (
    "MMStar",
    "AI2D_TEST",
    "MMBench_TEST_EN_V11",
    "MMBench_TEST_CN_V11",
    "MMMU_DEV_VAL",
    "WeMath",
    "HallusionBench",
    "OCRBench",
    "ChartQA_TEST",
)
CHECKS = {"MathVista_MINI": "mathvista", "MathVision": "mathv"}


def evaluate(name: str, file: Path, verdicts: dict | None):
    """Run the checkout's evaluation of one file; returns rows and numbers."""
    import pandas as pd

    if not hasattr(pd.DataFrame, "_append"):  # We-Math's tables are made with a method that pandas 3 dropped
        pd.DataFrame._append = lambda frame, row, ignore_index: pd.concat(
            [frame, pd.DataFrame([row])], ignore_index=ignore_index
        )
    module_name, class_name, field, column, pattern = SETS[name]
    module = importlib.import_module(f"vlmeval.dataset.{module_name}")
    judge = None if verdicts is None else Judge(verdicts, field)
    multiple = importlib.import_module("vlmeval.dataset.utils.multiple_choice")
    for place in (module, multiple):
        place.track_progress_rich = serial(judge)
    module.build_judge = lambda *a, **k: judge
    if hasattr(module, "mp"):
        module.mp = types.SimpleNamespace(
            Pool=lambda n: types.SimpleNamespace(map=lambda f, rows: [f(r) for r in rows])
        )
    kind = getattr(module, class_name)
    data = pd.read_csv(file, sep="\t")
    owner = object.__new__(type("Own", (kind,), {"__init__": lambda self: None}))
    owner.dataset_name, owner.data, owner.meta_only = name, data, False
    model = "exact_matching" if judge is None else "scripted"
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / f"model_{name}.tsv"
        if name.startswith("MMBench"):  # the paper's wrapper hands over the answer part alone
            wrapper = importlib.import_module("vlmeval.vlm.wethink_vl").extract_response_for_eval
            replies = pd.read_csv(file, sep="\t", keep_default_na=False)["prediction"]
            data.assign(prediction=[wrapper(r) for r in replies]).to_csv(own, sep="\t", index=False)
        else:
            shutil.copy(file, own)
        if name == "OCRBench":
            return ocr(kind, data, Path(folder))
        numbers = owner.evaluate(str(own), model=model, nproc=1)
        if name == "WeMath" and judge is None:
            read = importlib.import_module("vlmeval.dataset.utils.wemath").load_and_process_data(str(own))
            return {str(i): float(v) for i, v in zip(read["index"], read["joker"], strict=True)}, plain(numbers)
        tables = [p for p in Path(folder).rglob(pattern.replace("scripted", model)) if "_extract" not in p.name]
        assert len(tables) == 1, [p.name for p in Path(folder).rglob("*")]
        rows = pd.read_csv(tables[0], sep="\t")
        if column is None:
            check = importlib.import_module(f"vlmeval.dataset.utils.{CHECKS[name]}").post_check
            return {str(r["index"]): float(bool(check(r))) for _, r in rows.iterrows()}, plain(numbers)
        return {str(i): float(v) for i, v in zip(rows["index"], rows[column], strict=True)}, plain(numbers)


def messages(name: str, row: dict) -> list:
    """What the set's own prompt builder makes of a row, as the paper's wrapper hands it on: [type, value] in order."""
    import pandas as pd

    module_name, class_name, *_ = SETS[name]
    kind = getattr(importlib.import_module(f"vlmeval.dataset.{module_name}"), class_name)
    owner = object.__new__(type("Own", (kind,), {"__init__": lambda self: None}))
    owner.dataset_name, owner.meta_only = name, True
    return [[part["type"], part["value"]] for part in owner.build_prompt(pd.Series(row))]


def ocr(kind, data, folder: Path):
    """OCRBench gives counts alone, so each row is a file of its own too."""
    rows = {}
    for position in range(len(data)):
        one = folder / f"one{position}_OCRBench.tsv"
        data.iloc[position : position + 1].to_csv(one, sep="\t", index=False)
        rows[str(data.iloc[position]["index"])] = float(kind.evaluate(str(one))["Final Score"])
    whole = folder / "all_OCRBench.tsv"
    data.to_csv(whole, sep="\t", index=False)
    return rows, plain(kind.evaluate(str(whole)))


def plain(numbers) -> dict:
    """Tables as {column: [values]}, so that both sides can be laid beside each other."""
    if hasattr(numbers, "to_dict"):
        numbers = numbers.to_dict(orient="list")
    return {str(k): v if isinstance(v, (list, str)) else float(v) for k, v in numbers.items()}


def main() -> None:
    checkout, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    os.environ.update(PRED_FORMAT="tsv", LMUData=str(folder))
    for name in ("vlmeval", "vlmeval.dataset", "vlmeval.api", "vlmeval.vlm"):
        package(name, checkout / Path(*name.split(".")))
    if importlib.util.find_spec("validators") is None:  # it tells URLs from paths, and every path here is one
        sys.modules["validators"] = types.SimpleNamespace(url=lambda text: False)
    sys.meta_path.append(Missing(checkout))
    base = importlib.import_module("vlmeval.utils.matching_util")
    tools = package("vlmeval.utils", checkout / "vlmeval" / "utils")
    for key, value in vars(base).items():
        setattr(tools, key, value)
    tools.track_progress_rich = serial(None)
    utils = package("vlmeval.dataset.utils", checkout / "vlmeval" / "dataset" / "utils")
    sys.modules["vlmeval.dataset"].DATASET_TYPE = sys.modules["vlmeval.dataset"].DATASET_MODALITY = None
    utils.build_judge = utils.DEBUG_MESSAGE = ""
    judge = json.loads((folder / "judge.json").read_text("utf-8"))
    asked = json.loads((folder / "prompts.json").read_text("utf-8"))
    prompts = {name: [messages(name, row) for row in rows] for name, rows in asked.items()}
    scores: dict[str, dict] = {}
    for name in SETS:
        if not (folder / f"{name}.tsv").is_file():
            continue
        scores[name] = {}
        for mode in ("judge", "none"):
            if mode == "none" and name not in WITHOUT_JUDGE:
                continue
            with contextlib.redirect_stdout(io.StringIO()):
                rows, numbers = evaluate(name, folder / f"{name}.tsv", judge[name] if mode == "judge" else None)
            scores[name][mode] = {"rows": rows, "numbers": numbers}
    sys.stdout.write("RESULT " + json.dumps({"scores": scores, "prompts": prompts}, default=str) + "\n")


if __name__ == "__main__":
    main()
