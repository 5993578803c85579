"""The environment of child processes (least privilege): an allow-list, so that no child has a key it does not need.

Belongs here: which variables of this process a child gets. Does not belong here: what a child gets beside them
(launcher.py, vllm_server.py, wethink_assets/decoding/process.py). It imports nothing of the project: pure rooms use it.

Whatever opens foreign files, plays the models or serves one has no use for the keys of buckets, databases and
endpoints, and /proc and core dumps show a process's environment. Only the training worker asks a judge, through the
ledger in the lake: `keys_for` names what that takes. Its supervisor hands it on, and so has it too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wethink_assets.settings import Settings

PROCESS = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV")
PROCESS += ("PYTHONPATH", "PYTHONHASHSEED", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER")
PROCESS += ("LC_*", "LD_*", "MALLOC_*", "OMP_*", "OPENBLAS_*", "MKL_*", "KMP_*")
# What torch, vLLM, DeepSpeed and the hub's client read, and the drivers and networks below them.
LIBRARIES = (
    "CUDA_*",
    "NVIDIA_*",
    "NCCL_*",
    "GLOO_*",
    "UCX_*",
    "FI_*",
    "HIP_*",
    "ROCR_*",
    "HSA_*",
    "GPU_*",
    "CPATH",
    "LIBRARY_PATH",
)
LIBRARIES += ("TORCH*", "PYTORCH_*", "TRITON_*", "VLLM_*", "DS_*", "DEEPSPEED_*", "FLASHINFER_*", "CC", "CXX")
LIBRARIES += ("HF_*", "TRANSFORMERS_*", "TOKENIZERS_*", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "DO_NOT_TRACK")
NETWORK = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "all_proxy")
NETWORK += ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
HUB = ("HF_TOKEN", "HF_TOKEN_PATH", "HUGGING_FACE_HUB_TOKEN", *NETWORK)
_SECRET = {"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "CREDENTIALS"}


def child_environment(
    base: Mapping[str, str] | None = None, *, libraries: bool = False, also: Iterable[str] = ()
) -> dict[str, str]:
    """What a child gets of `base`, by default of this process's environment.

    `libraries`: also what torch and vLLM read; the hub's token goes along where HF_HUB_OFFLINE is 0 alone. `also`:
    names, or beginnings with a `*`, of variables that this child needs beside those, keys among them.
    """
    base = os.environ if base is None else base
    allowed = PROCESS + (LIBRARIES if libraries else ())
    if libraries and base.get("HF_HUB_OFFLINE") == "0":
        also = (*also, *HUB)
    named = frozenset(also)
    begins = tuple(name[:-1] for name in named if name.endswith("*"))
    return {
        name: value
        for name, value in base.items()
        if name in named
        or (begins and name.startswith(begins))
        or (_is_of(name, allowed) and _SECRET.isdisjoint(name.upper().split("_")))
    }


def keys_for(settings: Settings, roles: Iterable[str]) -> tuple[str, ...]:
    """Names for `also` of what a process needs that asks these roles and keeps their replies in the lake."""
    names = [e.api_key_env for role in roles for e in settings.endpoints_of(role) if e.api_key_env]
    if settings.lake_catalog.startswith("postgres:"):
        names.append("PG*")
    if settings.lake_data_path.startswith("s3://"):
        names.append("AWS_*")
    return (*names, *NETWORK)


def _is_of(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name.startswith(a[:-1]) if a.endswith("*") else name == a for a in allowed)
