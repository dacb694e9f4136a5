#!/usr/bin/env bash
# The server, restarted when a Python source changes, and Vite's watching build; both end together.
set -euo pipefail
cd "$(dirname "$0")/.."
export FLOWDESK_DEBUG=true
(cd frontend && exec npx vite build --watch --logLevel warn) &
watcher=$!
trap 'kill $watcher 2>/dev/null || true' EXIT
.venv/bin/python -m watchfiles --filter python '.venv/bin/python manage.py serve' \
    accounts channels_app common config console conversations flows interactions realtime reports routing supervision
