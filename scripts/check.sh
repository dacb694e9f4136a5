#!/usr/bin/env bash
# Format, lint, types, import contracts, generated files, migrations; all of them, whatever fails.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()
step() {
    local name=$1
    shift
    "$@" || failed+=("$name")
}
# The front end's tools use one core and Python's another.
said=$(mktemp)
trap 'rm "$said"' EXIT
npm --prefix frontend run --silent check >"$said" 2>&1 &
front_end=$!
step "format" .venv/bin/ruff format --check --quiet .
step "lint" .venv/bin/ruff check --quiet .
step "types" .venv/bin/mypy --no-error-summary
step "import contracts" .venv/bin/lint-imports --no-logo
step "migrations" .venv/bin/python manage.py makemigrations --check --dry-run
step "generated files (make schemas)" .venv/bin/python manage.py schemas --check
step "front end" wait "$front_end"
cat "$said"
((${#failed[@]} == 0)) && exit 0
echo "check failed: ${failed[*]}" >&2
exit 1
