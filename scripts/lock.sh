#!/usr/bin/env bash
# Locks requirements/*.in into *.txt: exact versions with hashes, for every platform, and no address in them.
set -euo pipefail
cd "$(dirname "$0")/../requirements"
for name in uv base dev; do
    # What is run and what is tested are the same versions.
    same=()
    [[ $name != dev ]] || same=(--constraints base.txt --constraints uv.txt)
    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header "${same[@]}" -o "$name.txt" "$name.in"
    sed -i "1i # Locked from $name.in by \`make lock\`." "$name.txt"
done
