#!/usr/bin/env bash
# Makes sure that there is a Chromium for the browser tests: $FLOWDESK_CHROMIUM, or Debian's, without a window or whole.
set -euo pipefail
if [[ -n ${FLOWDESK_CHROMIUM:-} ]]; then
    [[ -x $FLOWDESK_CHROMIUM ]] && exit 0
elif [[ -x /usr/bin/chromium-headless-shell || -x /usr/bin/chromium ]]; then
    exit 0
elif [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests"
    install() { apt-get install -y -qq --no-install-recommends "$1" fonts-dejavu-core >/dev/null; }
    # The one that only tests draw with is smaller, and a fifth faster.
    if apt-get update -qq && (install chromium-headless-shell || install chromium); then
        exit 0
    fi
fi
echo "flowdesk: there is no Chromium: install Debian's, or name one in FLOWDESK_CHROMIUM" >&2
# Without it the browser tests are skipped, except in CI, where nothing may be missing.
[[ ${CI:-} != true ]]
