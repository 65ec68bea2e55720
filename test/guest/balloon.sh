#!/bin/sh
# SPDX-License-Identifier: MIT
# In a guest: give half of the memory back and take it again, twice, with processes at work.
balloon=/sys/devices/system/xen_memory/xen_memory0
full=$(cat $balloon/info/current_kb)
failed=0
ok()
{
	if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; failed=1; fi
}

# Wait until the balloon is as large as it shall be.
reach()
{
	echo "$1" >$balloon/target_kb
	n=0
	while [ "$(cat $balloon/info/current_kb)" != "$1" ]; do
		n=$((n + 1))
		[ $n -lt 1200 ] || return 1
		sleep 0.1
	done
}

user hold 8 &
holder=$!
for turn in 1 2; do
	reach $((full / 2))
	ok $? "half of the memory is given back, $turn"
	free=$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)
	[ "$free" -lt $((full / 2)) ]
	ok $? "Linux has half of its memory"
	reach "$full"
	ok $? "all of the memory is back"
	user fill $((full * 6 / 10 / 1024))
	ok $? "the memory can be used"
done
kill $holder
wait $holder
ok $? "a process finds its pages as it wrote them"
exit $failed
