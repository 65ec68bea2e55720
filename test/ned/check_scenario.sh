#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/check-scenario on broken scenarios: each mistake is named; sound ones pass. Writes TAP.
# Usage: check_scenario.sh BUILD
set -u
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0

cat >"$folder/list" <<'END'
entry script
moe a.cfg
module ned
module hello

entry file
moe a.cfg
module nowhere
END

ok() {
	count=$((count + 1))
	echo "$1 $count - $2"
}

# names TEXT MISTAKE...: with this script line, the checker prints a line with TEXT, and fails
names() {
	wanted=$1
	entry=$2
	shift 2
	printf '%s\n' 'local L4 = require("L4")' "$@" >"$folder/a.cfg"
	if found=$(tools/check-scenario -o "$build" -l "$folder/list" "$entry"); then
		ok "not ok" "fails: $wanted"
	elif printf '%s\n' "$found" | grep -qF "$wanted"; then
		ok ok "names: $wanted"
	else
		ok "not ok" "names: $wanted"
		printf '%s\n' "$found" | sed 's/^/# /'
	fi
}

names "list:8: missing file: nowhere" file ""
names "there is no entry 'none'" none ""
names "a.cfg:2: ned has no capability L4.Env.vbus" script 'local x = { L4.Env.vbus }'
names "a.cfg:2: ned has no capability L4.Env.vbus" script 'if true then local x = { L4.Env.vbus } end'
names "a.cfg:3: ned has no capability L4.Env.b" script 'local x = L4.Env.a or L4.Env.rom' \
	'local y = not x and L4.Env.a or { L4.Env.b }'
names "a.cfg:2: unknown name: lodaer" script 'if L4 and lodaer:start({}, "rom/hello") then return end'
names "a.cfg:2: unknown name: lodaer" script 'local x = lodaer'
names "a.cfg:2: no such name: L4.new_chanel" script 'L4.new_chanel()'
names "rom/hallo: no such file" script 'L4.default_loader:start({}, "rom/hallo")'
names "a.cfg:2:" script 'this is no Lua'
names "too little memory" script 'L4.Env.mem:create(L4.Proto.Factory, 300 << 20)'

for entry in hello clntsrv restart shmc prompt; do
	if tools/check-scenario -o "$build" "$entry"; then
		ok ok "finds nothing wrong with $entry"
	else
		ok "not ok" "finds nothing wrong with $entry"
	fi
done
echo "1..$count"
