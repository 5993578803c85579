#!/usr/bin/env bash
# Create the environment: install.sh VENV cpu|gpu. Registries are needed here and never again.
set -euo pipefail
venv=$1 variant=$2
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9

python=""
for candidate in "${PYTHON:-}" python3.11 python3; do
  if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "make setup: Python 3.11 is needed and was not found. Install it, or name it: make setup PYTHON=/path/to/python3.11" >&2
  exit 1
fi

# vLLM on a CPU pins its threads to NUMA nodes through this library.
if [ "$variant" = cpu ] && ! ldconfig -p 2>/dev/null | grep -q libnuma.so.1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "setup: installing libnuma1"
    apt-get update -qq && apt-get install -y -qq libnuma1 >/dev/null
  else
    echo "setup: libnuma.so.1 is missing and vLLM on a CPU needs it: install the package libnuma1 (Debian, Ubuntu) or numactl-libs" >&2
  fi
fi

echo "setup: $variant environment in $venv"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
[ -x "$venv/bin/uv" ] && "$venv/bin/uv" --version | grep -q " $UV_VERSION" || "$venv/bin/python" -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"

options=()
if [ "$variant" = cpu ]; then
  # The CPU build of torch: from a folder that the machine provides, else from PyTorch's own index.
  if [ -n "${PIP_FIND_LINKS:-}" ]; then options+=(--find-links "$PIP_FIND_LINKS"); else options+=(--torch-backend cpu); fi
fi
export VIRTUAL_ENV=$PWD/$venv
"$venv/bin/uv" pip install -q --no-deps "${options[@]}" -r "requirements/$variant.lock"
"$venv/bin/uv" pip install -q --no-deps --no-build-isolation -e .
