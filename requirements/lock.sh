#!/usr/bin/env bash
# Resolve both lock files from pyproject.toml: lock.sh VENV
set -euo pipefail
uv=$1/bin/uv
cd "$(dirname "$0")/.."
common=(--python-version 3.11 --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q)
cpu=()
if [ -n "${PIP_FIND_LINKS:-}" ]; then cpu+=(--find-links "$PIP_FIND_LINKS"); else cpu+=(--torch-backend cpu); fi
"$uv" pip compile pyproject.toml --extra cpu --extra test --extra dev --extra docs --override requirements/cpu-overrides.txt "${common[@]}" "${cpu[@]}" -o requirements/cpu.lock
"$uv" pip compile pyproject.toml --extra gpu --extra test --extra dev --extra docs --python-platform x86_64-manylinux_2_28 "${common[@]}" -o requirements/gpu.lock
