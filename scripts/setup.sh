#!/usr/bin/env bash
# Installs all that the tests need: Python's packages, the front end's and a browser, side by side.
set -euo pipefail
cd "$(dirname "$0")"
./venv.sh dev &
python=$!
./frontend.sh modules &
modules=$!
./browser.sh
wait "$python"
wait "$modules"
