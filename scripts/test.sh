#!/usr/bin/env bash
# Every check and every test. All of them run, whatever fails; the exit code tells whether anything did.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()

step() {
    local name=$1
    shift
    echo
    echo "== $name"
    "$@" || failed+=("$name")
}

verdict() {
    ((${#failed[@]} == 0)) && return 0
    echo
    echo "failed: ${failed[*]}"
    return 1
}

step "checks" make --no-print-directory check
step "front end: unit tests" npm --prefix frontend test --silent
step "front end: build" scripts/frontend.sh build
# A red check is told before the long part, and once more by the exit code.
verdict

services=yes
.venv/bin/python -m tests.services || services=no
# The exit code after pytest's closing line, which comes last.
run_pytest() {
    echo
    echo "== tests on $1"
    FLOWDESK_TEST_BACKEND=$1 .venv/bin/python -m pytest -n 3 --no-loadscope-reorder "${@:2}" || failed+=("tests on $1")
}
if [[ $services == yes ]]; then
    export FLOWDESK_TEST_ALSO=postgres
fi
run_pytest sqlite "$@"
if [[ $services == yes ]]; then
    run_pytest postgres "$@"
elif [[ ${CI:-} == true ]]; then
    failed+=("PostgreSQL and Redis must be there in CI")
fi
((${#failed[@]} == 0))
