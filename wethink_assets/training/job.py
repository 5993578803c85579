"""What an asset hands to a training worker, and the folder of a policy on disk.

Belongs here: the job file, the layout of a policy folder, what says that it is complete. Pure and light: assets
and workers both import it. Does not belong here: torch, Dagster, the lake.

    policies/<policy_id>/         the checkpoint, as transformers and vLLM load it
        policy.json               written last of all, before the folder gets its name: it exists or it is complete
        steps.jsonl               one logged step a line
        rollouts.parquet          every completion sampled, with its rewards (RL only)
        learned.txt               the samples that it learned from, an id a line (SFT only)
        adapter/                  LoRA's own weights, where it was learned so; the checkpoint has them merged
    policies/<policy_id>.work/    while it is made: job.json, rows.arrow, checkpoints; removed afterwards
    policies/<policy_id>.lock     held by whoever makes it, until the last of its processes has ended

A job file has the places within the home as `{home}/…`, since a home may be moved in mid-training.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from resources.private import private_folder

MANIFEST = "policy.json"
STEPS = "steps.jsonl"
ROLLOUTS = "rollouts.parquet"
ADAPTER = "adapter"
LEARNED = "learned.txt"
WORKERS = {  # module of the process that makes a policy of a kind
    "base": "wethink_assets.training.base_worker",
    "sft": "wethink_assets.training.sft_worker",
    "rl": "wethink_assets.training.grpo_worker",
}
_HERE = "{home}"  # in a job file, for the folder that holds `policies`
_KINDS = ("", "sqlite:")  # what may stand before a place


@dataclass(frozen=True)
class Job:
    """Everything that a worker needs to know. `training` is `TrainingSettings` as a dictionary.

    `processes` are the ranks that it is given; `settings` are those of the whole installation, for its extensions and
    the judge; `judged` says whether a row needs one.
    """

    policy_id: str
    kind: str
    policies_dir: str
    training: dict[str, Any]
    base_path: str = ""
    settings: dict[str, Any] | None = None
    judged: bool = True
    run_id: str = ""
    processes: int = 0
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the finished policy lies."""
        return Path(self.policies_dir) / self.policy_id

    @property
    def work(self) -> Path:
        """Where it is made."""
        return Path(self.policies_dir) / f"{self.policy_id}.work"

    @property
    def lock(self) -> Path:
        """What keeps two runs from making it at once."""
        return Path(self.policies_dir) / f"{self.policy_id}.lock"

    @property
    def rows_file(self) -> Path:
        """What it is made from."""
        return self.work / "rows.arrow"

    @property
    def heldout_file(self) -> Path:
        """What it is asked while it learns; absent where it is asked nothing."""
        return self.work / "heldout.arrow"

    def write(self, rows: Path | None = None, heldout: Path | None = None) -> Path:
        """Write the job into the work folder, and copy the files of its rows there; returns the job file.

        Rows that an earlier, killed run left there are the same ones, but their images may lie elsewhere now.
        """
        from wethink_assets.training.row_file import copied

        home = Path(self.policies_dir).parent
        private_folder(self.work)
        for source, target in ((rows, self.rows_file), (heldout, self.heldout_file)):
            if source is not None:
                copied(source, target, home)
        path = self.work / "job.json"
        path.write_text(json.dumps(_told(asdict(self), str(home), _HERE), indent=1) + "\n", "utf-8")
        return path

    @classmethod
    def read(cls, path: str | Path) -> Job:
        home = Path(path).absolute().parents[2]
        return cls(**_told(json.loads(Path(path).read_text("utf-8")), _HERE, str(home)))

    def finish(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Give the folder of a policy its final name, complete or not at all, and drop the work folder."""
        described = {
            **self.manifest,
            **manifest,
            "policy_id": self.policy_id,
            "kind": self.kind,
            "weights_sha256": weights_sha256(folder),
        }
        (folder / MANIFEST).write_text(json.dumps(described, indent=1, sort_keys=True) + "\n", "utf-8")
        shutil.rmtree(self.folder, ignore_errors=True)
        folder.replace(self.folder)
        shutil.rmtree(self.work, ignore_errors=True)


def _told(value: Any, old: str, new: str) -> Any:
    """The same values with places below the folder `old` as places below `new`."""
    if isinstance(value, dict):
        return {key: _told(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [_told(one, old, new) for one in value]
    if isinstance(value, str):
        for kind in _KINDS:
            if value == f"{kind}{old}" or value.startswith(f"{kind}{old}/"):
                return f"{kind}{new}{value.removeprefix(f'{kind}{old}')}"
    return value


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What is known of a finished policy; None where the folder is absent, incomplete or altered."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("weights_sha256") != weights_sha256(folder):
        return None
    return manifest


def damage(folder: Path, weights: str | None) -> str | None:
    """Why a policy's folder does not hold the weights that the lake knows by their SHA-256; None where it does, or none
    is known."""
    if weights is None:
        return None
    if not folder.is_dir():
        return f"its folder {folder} is gone: materialise its asset again"
    found = weights_sha256(folder)
    if found == weights:
        return None
    return f"{folder} holds other weights (SHA-256 {(found or 'of none')[:12]}) than were recorded ({weights[:12]})"


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file; a last line that was cut off by a crash is left out."""
    if not path.is_file():
        return
    with path.open("rb") as file:  # it may be cut off within a character
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return


def logged_steps(path: Path) -> list[dict[str, Any]]:
    """The steps that a run logged, each once: what was found on held-out rows after a step is among its metrics."""
    steps: dict[int, dict[str, Any]] = {}
    for line in read_lines(path):
        known = steps.setdefault(line["step"], {"step": line["step"], "metrics": {}})
        known["metrics"] |= line["metrics"]
    return list(steps.values())


def weights_sha256(folder: Path) -> str | None:
    """SHA-256 over the checkpoint's safetensors files, by name; None where there is none."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        return None
    digest = hashlib.sha256()
    for path in files:
        if len(files) > 1:
            digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
    return digest.hexdigest()
