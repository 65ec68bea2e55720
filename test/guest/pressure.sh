#!/bin/sh
# SPDX-License-Identifier: MIT
# In a small guest with compressed swap: two hundred programs start and end while there is too little
# memory for all that is held. Nothing of what is held may change, and nobody is killed.
set -e
count()
{
	sed -n "s/^$1 //p" /proc/vmstat
}

failed=0
ok()
{
	if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; failed=1; fi
}

echo lz4 >/sys/block/zram0/comp_algorithm
echo 192M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/null
swapon /dev/zram0
mount -o remount,size=90% /tmp
cd /tmp
held=$(($(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo) * 85 / 100))
i=0
while [ $i -lt $((held / 4096)) ]; do
	seq $((i * 1000000)) $((i * 1000000 + 600000)) | head -c 4194304 >held.$i
	i=$((i + 1))
done
sums=$(cat held.* | md5sum)
user hold 24 &
holder=$!
i=0
while [ $i -lt 200 ]; do
	/bin/busybox sh -c 'x=$(cat held.0 | head -c 100000 | wc -c); [ $x = 100000 ]' || failed=1
	i=$((i + 1))
done
ok $failed "200 programs start and end while memory is short"
kill $holder
wait $holder || failed=1
ok $failed "a process finds its pages as it wrote them"
[ "$(cat held.* | md5sum)" = "$sums" ] && ok 0 "files keep their content" || ok 1 "files keep their content"
echo "# $(count pgsteal_kswapd) and $(count pgsteal_direct) pages reclaimed, $(count pswpout) written, $(count pswpin) read"
[ "$(($(count pgsteal_kswapd) + $(count pgsteal_direct)))" -gt 1000 ] || failed=1
[ "$(count pswpout)" -gt 1000 ] && [ "$(count pswpin)" -gt 100 ] || failed=1
ok $failed "pages were reclaimed, and came back"
[ "$(count oom_kill)" = 0 ] || failed=1
ok $failed "nobody was killed for memory"
exit $failed
