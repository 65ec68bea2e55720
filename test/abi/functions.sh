#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the headers as a whole, as TAP: one C program and one C++ program include all of them and
# refer to every function that one of them declares; these are in the libraries, and doc/c-api.md
# tells of every header. Usage: functions.sh BUILD; environment: CC_LIST, CXX_LIST.
set -u
build=${1:?usage: functions.sh BUILD}
out=$build/test/abi/functions
read -ra compilers_c <<<"${CC_LIST:-gcc clang}"
read -ra compilers_cxx <<<"${CXX_LIST:-g++ clang++}"
warnings=(-Wall -Wextra -Wpedantic -Werror)
include=(-Iabi -Iruntime/include)
count=0
mkdir -p "$out"

# ok STATUS NAME: one test point; on failure what was said follows as comments.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$out/log"
	fi
}

headers() {
	{ cd abi && find l4 -name '*.h'; cd ../runtime/include && find l4 -name '*.h'; } | sort
}

# Names of the functions that the headers declare and do not define.
functions() {
	headers | sed 's/.*/#include <&>/' >"$out/all.c"
	gcc -std=gnu17 "${include[@]}" -fsyntax-only -aux-info "$out/prototypes" "$out/all.c"
	sed -nE 's|^/\* (abi\|runtime/include)/l4/.*\*/ extern [^(]*[ *](\w+) \(.*|\2|p' \
		"$out/prototypes" | sort -u
}

# A program that needs all of them.
write_program() {
	headers | sed 's/.*/#include <&>/'
	echo 'typedef void any_function(void);'
	echo 'any_function *volatile all[] = {'
	functions | sed 's/.*/\t(any_function *)&,/'
	echo '};'
	echo 'int main(void) { return all[0] == 0; }'
}

# Link as runtime.mk does; the start-up object and the C library come from the build.
link() {
	"${compilers_c[0]}" -nostdlib -static -no-pie -Wl,-T,runtime/program.ld \
		-Wl,--build-id=none -Wl,-z,noexecstack -Wl,-u,_start -o "$out/program" "$1" \
		-Wl,--start-group "$build"/lib/lib{irq,shmc,rtc,vcpu,l4re,util,wire}.a \
		"$build"/lib/lib{libc_program,libc_files,libc_common,c}.a -Wl,--end-group -lgcc
}

# both NAME COMPILER FLAGS...: compile the program and link it.
both() {
	local name=$1
	shift
	"$@" -O2 "${warnings[@]}" "${include[@]}" -c -o "$out/program.o" >"$out/log" 2>&1
	ok $? "one $name program includes all headers"
	link "$out/program.o" >"$out/log" 2>&1
	ok $? "a $name program can call all functions that they declare"
}

number=$(functions | wc -l)
[ "$number" -gt 100 ]
ok $? "the headers declare functions ($number)"
write_program >"$out/program.c"
cp "$out/program.c" "$out/program.cc"
for cc in "${compilers_c[@]}"; do
	both "C ($cc)" "$cc" -std=gnu17 "$out/program.c"
done
for cc in "${compilers_cxx[@]}"; do
	both "C++ ($cc)" "$cc" -std=c++17 "$out/program.cc"
done
headers | while read -r header; do
	grep -qF "${header#l4/}" doc/c-api.md || echo "$header"
done >"$out/log"
[ ! -s "$out/log" ]
ok $? "doc/c-api.md tells of every header"
echo "1..$count"
