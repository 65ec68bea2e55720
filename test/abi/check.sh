#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the interface headers, as TAP: each compiles alone in every language and compiler, those of
# the kernel in a kernel's freestanding mode too; the kernel's numbers are right, the bindings send
# the right messages and inline to few instructions. Usage: check.sh OUTDIR; environment: CC_LIST, CXX_LIST.
set -u
out=${1:?usage: check.sh OUTDIR}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
abi=$here/../../abi
runtime=$here/../../runtime/include
read -ra compilers_c <<<"${CC_LIST:-gcc clang}"
read -ra compilers_cxx <<<"${CXX_LIST:-g++ clang++}"
warnings=(-Wall -Wextra -Wpedantic -Werror)
count=0 failed=0
mkdir -p "$out"

# ok STATUS NAME: one test point; on failure the compiler's words follow as comments.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
		sed 's/^/# /' "$out/log"
	fi
}

# compile NAME COMMAND...: the command must succeed without a word.
compile() {
	local name=$1 status
	shift
	"$@" >"$out/log" 2>&1
	status=$?
	[ -s "$out/log" ] && status=1
	ok "$status" "$name"
}

# The include folder of the compiler itself: all that a freestanding program has.
own_headers() {
	local dir
	dir=$("$1" -print-file-name=include)
	[ -d "$dir" ] || dir=$("$1" -print-resource-dir)/include
	echo "$dir"
}

# alone HEADER: a file that includes nothing else, compiled as a program.
alone() {
	local header=$1 source=$out/alone std cc
	printf '#include <%s>\n#include <%s>\nextern int alone;\n' "$header" "$header" >"$source.c"
	cp "$source.c" "$source.cc"
	for cc in "${compilers_c[@]}"; do
		for std in gnu11 gnu17; do
			compile "$header compiles alone as $std with $cc" \
				"$cc" -std=$std -O2 "${warnings[@]}" -I"$abi" -I"$runtime" \
				-c "$source.c" -o "$source.o"
		done
	done
	for cc in "${compilers_cxx[@]}"; do
		compile "$header compiles alone as c++17 with $cc" \
			"$cc" -std=c++17 -O2 "${warnings[@]}" -I"$abi" -I"$runtime" \
			-c "$source.cc" -o "$source.o"
	done
}

# in_kernel: the file of the last `alone`, compiled as part of a kernel.
in_kernel() {
	local header=$1 source=$out/alone cc
	for cc in "${compilers_c[@]}"; do
		compile "$header compiles alone in a kernel with $cc" \
			"$cc" -std=gnu17 -O2 "${warnings[@]}" -ffreestanding -fpie -mno-red-zone \
			-mgeneral-regs-only -nostdinc -isystem "$(own_headers "$cc")" \
			-I"$abi" -c "$source.c" -o "$source.o"
	done
}

# numbers: the second list of all numbers, as C and as C++.
numbers() {
	local cc
	for cc in "${compilers_c[@]}"; do
		compile "the numbers are those of the interface ($cc)" \
			"$cc" -std=gnu17 "${warnings[@]}" -I"$abi" -c "$here/layout.c" -o "$out/layout.o"
	done
	for cc in "${compilers_cxx[@]}"; do
		compile "the numbers are those of the interface ($cc)" "$cc" -x c++ -std=c++17 \
			"${warnings[@]}" -I"$abi" -c "$here/layout.c" -o "$out/layout.o"
	done
}

# program NAME CC FLAGS...: build a host program; its own test points are counted on.
program() {
	local name=$1 cc=$2 line
	shift 2
	compile "$name builds with $cc" "$cc" -std=gnu17 -O2 -Wall -Wextra -Werror "$@" -I"$abi" \
		"$here/$name.c" -o "$out/$name"
	: >"$out/log"
	timeout 20 "$out/$name" >"$out/$name.tap"
	while read -r line; do
		case $line in
		"ok "*) ok 0 "${line#*- }" ;;
		"not ok "*) ok 1 "${line#*- }" ;;
		"#"*) echo "$line" ;;
		esac
	done <"$out/$name.tap"
	grep -q '^1\.\.' "$out/$name.tap"
	ok $? "$name runs to its end ($cc)"
}

# instructions FUNCTION LIMIT CC: machine instructions of one function in inline.o.
instructions() {
	local n
	n=$(objdump -d --no-show-raw-insn "$out/inline.o" | awk -v f="<$1>:" '
		index($0, f) { on = 1; next }
		on && NF == 0 { exit }
		on { n++ }
		on && $2 ~ /^ret/ { exit }
		END { print n + 0 }')
	echo "$1: $n instructions" >"$out/log"
	[ "$n" -gt 0 ] && [ "$n" -le "$2" ]
	ok $? "$1 is at most $2 instructions with $3"
}

while read -r header; do
	alone "$header"
	in_kernel "$header"
done < <(cd "$abi" && find l4 -name '*.h' | sort)
while read -r header; do
	alone "$header"
done < <(cd "$runtime" && find l4 -name '*.h' | sort)
numbers
for cc in "${compilers_c[@]}"; do
	program values "$cc"
	program wire "$cc" -I"$here/stub"
	program registers "$cc"
	compile "inline builds with $cc" "$cc" -std=gnu17 -O2 "${warnings[@]}" -I"$abi" \
		-c "$here/inline.c" -o "$out/inline.o"
	instructions bind_call 9 "$cc"
	instructions bind_reply_and_wait 12 "$cc"
	instructions bind_utcb_word 4 "$cc"
done
echo "1..$count"
echo "# $((count - failed)) passed, $failed failed"
[ "$failed" = 0 ]
