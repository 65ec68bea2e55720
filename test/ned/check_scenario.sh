#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/check-scenario on broken scenarios: each mistake is named, in a line that says where it is;
# sound ones pass. Writes TAP. Usage: check_scenario.sh BUILD
set -u
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0

ok() {
	count=$((count + 1))
	echo "$1 $count - $2"
}

# run ENTRY: the checker's lines, problems and notes, in $found; its exit status.
run() {
	found=$(tools/check-scenario -o "$build" -l "$folder/list" "$1" 2>&1)
}

# expect STATUS WANTED: how the last run has ended, and a text that it printed.
expect() {
	if [ "$2" = "$1" ] && printf '%s\n' "$found" | grep -qF -- "$3"; then
		ok ok "names: $3"
	else
		ok "not ok" "names: $3"
		printf '%s\n' "$found" | sed 's/^/# /'
	fi
}

# script WANTED LINE...: a script with these lines, from the third on, is wrong.
script() {
	wanted=$1
	shift
	printf '%s\n' 'local L4 = require("L4")' 'local loader = L4.default_loader' "$@" \
		>"$folder/a.cfg"
	printf '%s\n' 'entry script' 'moe a.cfg' 'module ned' 'module hello' "module $folder/part.lua" \
		"module $folder/text" >"$folder/list"
	run script
	expect 1 $? "$wanted"
}

# list WANTED LINE...: the list with these lines, with the entry `it`, is wrong.
list() {
	wanted=$1
	shift
	printf '%s\n' "$@" >"$folder/list"
	run it
	expect 1 $? "$wanted"
}

# fine NAME NOTE: the last script or list once more: nothing is wrong, but the note is printed.
fine() {
	printf '%s\n' "$@" >"$folder/list"
	run it
	expect 0 $? "$note"
}

echo 'return { greeting = "hello" }' >"$folder/part.lua"
echo 'no program' >"$folder/text"
echo 'print("a script")' >"$folder/b.cfg"
cp "$folder/b.cfg" "$folder/script.lua"
gzip -c "$build/rom/hello" >"$folder/packed.gz"
cp /bin/true "$folder/true"

# --- Module lists ---
list "list:3: missing file: helo (is 'hello' meant?), in none of:" 'entry it' 'module ned' 'module helo'
list "there is no entry 'it' (is 'its' meant?); there are: its" 'entry its' 'module ned'
list "list:2: unknown keyword 'modul' (is 'module' meant?)" 'entry it' 'modul ned'
list "list:2: unknown option 'fnam' (is 'fname' meant?)" 'entry it' 'module[fnam=x] ned'
list "list:1: 'module' outside of an entry" 'module ned' 'entry it'
list "list:2: a file name is missing" 'entry it' 'module'
list "list:2: there is no group 'bse' (is 'base' meant?)" 'group base' 'module-group bse'
list "list:1: the entry has no name" 'entry'
list "the entry 'it' has no kernel" 'entry[no-defaults] it' 'module ned'
list "nowhere: no such folder" 'searchpath nowhere' 'entry it' 'module ned'
list "list:1: $folder/other: no such file" 'include other'
list "includes itself" 'include list'
list "list:2: 'initrd': this entry boots Linux, not Zwinger" 'entry it' 'initrd x.gz'
list "list:2: 'set': this entry boots Linux, not Zwinger" 'entry it' 'set mode linux'
list "files are not fetched" 'entry it' 'module ftp://machine/file'
list "list:2: no file is named by: *.none" 'entry it' 'module[glob] *.none'
list "list:2: failed: exit 3" 'entry it' 'module[shell] exit 3'
list "list:2: failed: 1 +" 'entry it' 'module[perl] 1 +'
list "list:2: text: cannot be uncompressed" 'entry it' 'module[uncompress] text'
list "list:3: the name ned is taken by another module" 'entry it' 'module ned' 'module ned'
list "moe starts rom/ned, which is no module of the entry 'it'" 'entry it' 'module hello'
list "the script rom/c.cfg is no module of the entry (is 'b.cfg' meant?)" 'entry it' \
	'roottask moe rom/c.cfg' 'module b.cfg' 'module ned'
list "rom/hello is a program, not a script of ned's; without ned: roottask moe --init=rom/hello" \
	'entry it' 'moe hello' 'module ned'
list "list:2: text is no program (no ELF file)" 'entry it' 'module[fname=ned] text'
list "list:2: true is a program for another system: it wants a dynamic loader" 'entry it' \
	'module[fname=ned] true'

# --- Scripts ---
script "a.cfg:3: ned has no capability L4.Env.vbus; there are: dma_mgr" 'local x = { L4.Env.vbus }'
script "a.cfg:3: ned has no capability L4.Env.rwf (is 'rwfs' meant?)" 'if 1 then local x = { L4.Env.rwf } end'
script "a.cfg:4: ned has no capability L4.Env.b" 'local x = L4.Env.a or L4.Env.rom' \
	'local y = not x and L4.Env.a or { L4.Env.b }'
script "a.cfg:3: unknown name: laoder" 'if L4 and laoder:start({}, "rom/hello") then return end'
script "a.cfg:3: unknown name: prnt (is 'print' meant?)" 'local x = prnt'
script "a.cfg:3: no such name: L4.Proto.Logg (is 'Log' meant?)" 'return L4.Proto.Logg'
script "a.cfg:3: no such name: L4.new_channel (a loader has it: L4.default_loader:new_channel)" \
	'local c = L4.new_channel()'
script "a.cfg:3: attempt to call a nil value (method 'strat')" 'loader:strat({}, "rom/hello")'
script "a.cfg:3: new_channel: call it with ':'" 'local c = loader.new_channel()'
script "rom/hallo: no such file" 'loader:start({}, "rom/hallo")'
script "cannot start hello: no such file (is 'rom/hello' meant?)" 'loader:start({}, "hello")'
script "list:6: $folder/text is no program (no ELF file)" 'loader:start({}, "rom/text")'
script "a.cfg:3: start: unknown key 'cap' (is 'caps' meant?)" 'loader:start({ cap = {} }, "rom/hello")'
script "a.cfg:3: start: the first argument is a table" 'loader:start("rom/hello")'
script "a.cfg:3: start: command expected after the table" 'loader:start({})'
script "a.cfg:3: start: 'log' must be a capability or a table" 'loader:start({ log = "x" }, "rom/hello")'
script "a.cfg:3: start: capability 'x' is a string" 'loader:start({ caps = { x = "rom" } }, "rom/hello")'
script "1 to 16 characters: a-name-that-is-too-long" \
	'loader:start({ caps = { ["a-name-that-is-too-long"] = L4.Env.log } }, "rom/hello")'
script "a.cfg:3: start: restart must be" 'loader:start({ restart = "never" }, "rom/hello")'
script "a.cfg:3: unknown right 'x'" 'loader:start({ caps = { l = L4.Env.log:m("rx") } }, "rom/hello")'
script "a.cfg:3: no program serves the channel that others have as 'svc': give it to one with :svr()" \
	'local c = loader:new_channel()' 'loader:start({ caps = { svc = c } }, "rom/hello")'
script "a.cfg:3: module 'l4' not found" 'local l = require("l4")'
script "(is 'L4' meant?)" 'local l = require("l4")'
script "a.cfg:3: module 'rom/prt' not found: rom has neither it nor it with .lua" 'require("rom/prt")'
script "a.cfg:4: '}' expected (to close '{' at line 3)" 'loader:start({ caps = { },' '	"rom/hello")'
script "a.cfg:3:" 'this is no Lua'
script "(make run QEMU_MEM=3" 'L4.Env.mem:create(L4.Proto.Factory, 300 << 20)'
script "too little memory: at least" 'L4.Env.mem:create(L4.Proto.Factory, 300 << 20)'

# --- Scripts by their path ---
printf 'local L4 = require("L4")\n-- rom/comment\nL4.default_loader:start({}, "rom/helo")\n' \
	>"$folder/alone.cfg"
run "$folder/alone.cfg"
expect 1 $? "alone.cfg:3: missing file: helo (is 'hello' meant?)"
run "$folder/script.lua"
expect 1 $? "script.lua: the name of a script ends in .cfg"
run "$folder/none.cfg"
expect 1 $? "none.cfg: No such file or directory"

# --- What is right ---
note="'modaddr' has no effect: modules are placed by the boot stage"
fine 'modaddr 0x1000000' 'default-bootstrap bootstrap' 'entry it' 'module ned'
note="'bootstrap' has no effect: the boot stage is part of the kernel's image"
fine 'entry it' 'bootstrap bootstrap -serial' 'module ned'
note="b.cfg starts no program"
fine 'entry it' 'moe b.cfg' 'module ned' 'module[uncompress,fname=hello] packed.gz' \
	"module[perl] map { \$_ } ('cons', 'rtc')" 'module[shell] echo log' 'module[glob] *.lua'
printf '%s\n' 'local L4 = require("L4")' 'local p = require("rom/part")' 'dofile("rom/part.lua")' \
	'assert(io.open("rom/part.lua")):close()' 'assert(not io.open("rom/" .. "none"))' \
	'L4.default_loader:start({}, "rom/hello " .. p.greeting)' 'while true do L4.msleep(1) end' \
	>"$folder/a.cfg"
note="rom/a.cfg runs for ever: only its beginning is checked"
fine 'entry it' 'moe a.cfg' 'module ned' 'module hello' 'module part.lua'
run "$folder/a.cfg"
expect 0 $? "$note"

# Files of the entry linux are made when it is run.
for entry in $(sed -n '/^entry linux/d; s/^entry //p' conf/modules.list); do
	if found=$(tools/check-scenario -o "$build" "$entry" 2>&1) && [ -z "$found" ]; then
		ok ok "finds nothing wrong with $entry"
	else
		ok "not ok" "finds nothing wrong with $entry"
		printf '%s\n' "$found" | sed 's/^/# /'
	fi
done
found=$(tools/check-scenario -o "$build" -l "$folder/list" 2>&1)
expect 1 $? "there is no entry ''"
echo "1..$count"
