#!/bin/sh
# SPDX-License-Identifier: MIT
# In a guest: compile Lua from its source, and let the result work.
set -e
cd /lua
rm -f luac.c
tcc -DLUA_USE_POSIX -o lua ./*.c -lm
echo "ok - a compiler makes a program of $(cat ./*.c ./*.h | wc -l) lines"
cat >primes.lua <<'END'
local found, sieve = 0, {}
for n = 2, 50000 do
	if not sieve[n] then
		found = found + 1
		for m = n * n, 50000, n do sieve[m] = true end
	end
end
print(_VERSION, found, ("%.6f"):format(math.sqrt(2)), ("x"):rep(3), #table.concat(sieve, "", 1, 0))
END
result=$(./lua primes.lua)
wanted=$(printf 'Lua 5.4\t5133\t1.414214\txxx\t0')
[ "$result" = "$wanted" ] || { echo "# $result"; echo "not ok - the result works"; exit 1; }
echo "ok - the result works"
