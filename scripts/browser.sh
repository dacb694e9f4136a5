#!/usr/bin/env bash
# Makes sure that there is a Chromium for the browser tests: $FLOWDESK_CHROMIUM, or Debian's.
set -euo pipefail
chromium=${FLOWDESK_CHROMIUM:-/usr/bin/chromium}
[[ -x $chromium ]] && exit 0
if [[ $(id -u) == 0 && -z ${FLOWDESK_CHROMIUM:-} ]] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests"
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; then
        exit 0
    fi
fi
echo "flowdesk: $chromium is missing: install Debian's chromium, or name one in FLOWDESK_CHROMIUM" >&2
# Without it the browser tests are skipped, except in CI, where nothing may be missing.
[[ ${CI:-} != true ]]
