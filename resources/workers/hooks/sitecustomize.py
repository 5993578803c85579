"""Cures for torch and vLLM in every process of a worker or server: torchvision on a CPU, and no port for strangers.

Belongs here: these two. Does not belong here: anything else; this file runs at the start of each Python process that
has this folder on its PYTHONPATH, so it must cost nothing and never raise.

A torchvision built for CUDA cannot load its operators beside a CPU torch and dies with "operator torchvision::nms does
not exist"; without torchvision the image processor of Qwen2.5-VL fails. Nothing here needs the operators themselves, so
only their schemas are defined, and only after the import has failed with exactly that error: where torch has CUDA, or
where torchvision loads, nothing happens.

vLLM's processes meet at tcp://127.0.0.1, but the store behind that (torch's TCPStore) listens on every address of the
machine, without a password. Where WETHINK_RENDEZVOUS names a folder, they meet at a file in it.
"""

import importlib.machinery
import importlib.util
import os
import sys

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would cost every process


class _Retry:
    """Loader of torchvision: on the known failure it defines the schemas and loads once more."""

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        try:
            self._loader.exec_module(module)
            return
        except RuntimeError as error:
            if "operator torchvision::" not in str(error):
                raise
        import torch

        if torch.version.cuda or getattr(torch.version, "hip", None):
            raise RuntimeError("torchvision's operators are missing although torch is not a CPU build")
        for name in [n for n in sys.modules if n.startswith("torchvision.")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(operator + _SCHEMA)
        module.__dict__["_operator_schemas"] = library  # the definitions live as long as this object
        self._loader.exec_module(module)


class _MeetAtFile:
    """Loader of vLLM's network helpers: processes of one machine meet at a file."""

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        folder, by_port = os.environ.get("WETHINK_RENDEZVOUS"), getattr(module, "get_distributed_init_method", None)
        if folder and by_port is not None:

            def method(ip, port):
                return f"file://{folder}/{port}" if ip in ("127.0.0.1", "localhost", "::1") else by_port(ip, port)

            module.get_distributed_init_method = method


_LOADERS = {"torchvision": _Retry, "vllm.utils.network_utils": _MeetAtFile}


class _Finder:
    """Finds these modules the usual way and wraps their loaders."""

    def find_spec(self, name, path=None, target=None):
        if name not in _LOADERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _LOADERS[name](spec.loader)
        return spec


sys.meta_path.insert(0, _Finder())

# Python imports only the first sitecustomize on its path: hand on to the one that this file hides.
_hidden = importlib.machinery.PathFinder.find_spec(
    "sitecustomize",
    [p for p in sys.path if os.path.abspath(p or ".") != _HERE],  # noqa: PTH100
)
if _hidden is not None and _hidden.loader is not None:
    _hidden.loader.exec_module(importlib.util.module_from_spec(_hidden))
