#!/usr/bin/env bash
# Makes .venv and installs a locked set of packages: "base" (to run) or "dev" (to run, test and check).
# Does nothing where the set is installed already.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:?base or dev}
lock=requirements/$wanted.txt
stamp=.venv/.flowdesk-$wanted
sum=$(sha256sum <"$lock")
[[ -x .venv/bin/python && -f $stamp && $(<"$stamp") == "$sum" ]] && exit 0

if [[ ! -x .venv/bin/python ]]; then
    python=""
    for candidate in python3.11 python3.12 python3; do
        if command -v "$candidate" >/dev/null && "$candidate" -c \
            'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    [[ $python ]] || { echo "flowdesk: Python 3.11 or 3.12 is needed and was not found" >&2; exit 1; }
    echo "Making .venv with $python"
    # Debian ships venv's pip in a package of its own.
    if ! "$python" -m venv .venv 2>/dev/null; then
        rm -rf .venv
        package=$("$python" -c 'import sys; print(f"python3.{sys.version_info[1]}-venv")')
        if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
            echo "flowdesk: $python cannot make a virtual environment; install $package first" >&2
            exit 1
        fi
        apt-get update -qq && apt-get install -y -qq "$package" >/dev/null
        "$python" -m venv .venv
    fi
fi
echo "Installing the Python packages of $lock"
# Compiled when they are imported: most modules never are, and compiling all of them takes longer than loading them.
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
by_uv() {
    pip install -qq --no-compile --require-hashes -r requirements/uv.txt || return 1
    # The index that pip was told of; uv does not read pip's files.
    local index
    index=$(pip config get global.index-url 2>/dev/null || true)
    [[ -z $index ]] || export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"
}
# uv needs seconds. Where it cannot reach what pip reaches, by a setting that only pip knows, pip takes its time.
by_uv || pip install -qq --no-compile --require-hashes -r "$lock"
echo "$sum" >"$stamp"
# The larger set holds the smaller one.
[[ $wanted != dev ]] || sha256sum <requirements/base.txt >.venv/.flowdesk-base
