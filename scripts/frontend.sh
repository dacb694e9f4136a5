#!/usr/bin/env bash
# "modules": installs the locked node modules. "build": builds the front end, unless its sources have not changed.
set -euo pipefail
cd "$(dirname "$0")/../frontend"

need_node() {
    if ! command -v npm >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; then
        echo "flowdesk: Node.js 20 or later with npm is needed to build the front end" >&2
        exit 1
    fi
}

modules() {
    need_node
    local stamp=node_modules/.flowdesk sum
    sum=$(sha256sum <package-lock.json)
    [[ -f $stamp && $(<"$stamp") == "$sum" ]] && return
    echo "Installing the front end's packages"
    npm ci --no-audit --no-fund --loglevel=error
    echo "$sum" >"$stamp"
}

sources() {
    find . \( -name node_modules -o -name '*.test.ts' -o -name '*.test.tsx' \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

build() {
    local stamp=../static/app/.sources sum
    sum=$(sources)
    [[ -f $stamp && $(<"$stamp") == "$sum" && -f ../static/webchat/webchat.js ]] && return
    modules
    echo "Building the front end"
    local log
    log=$(mktemp)
    npm run --silent build >"$log" 2>&1 || { cat "$log" >&2; rm "$log"; exit 1; }
    rm "$log"
    # Vite empties the folder first, so a build that fails leaves no stamp behind.
    echo "$sum" >"$stamp"
}

"${1:?modules or build}"
