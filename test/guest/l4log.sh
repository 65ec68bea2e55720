#!/bin/sh
# SPDX-License-Identifier: MIT
# In a guest: write to /dev/l4log in every way that could tear or lose a line.
set -e
echo plain >/dev/l4log
printf 'two\nlines\n' >/dev/l4log
printf 'no end' >/dev/l4log
{ printf 'in '; printf 'pieces '; echo 'of a line'; } >/dev/l4log
head -c 1500 /dev/zero | tr '\0' x >/dev/l4log
printf '\n\n' >/dev/l4log
for writer in 1 2 3 4 5 6; do
	for line in $(seq 100); do
		echo "writer $writer line $line of many, with some text behind it"
	done >/dev/l4log &
done
wait
cat /dev/l4log 2>/dev/null && exit 1
dmesg | grep -c 'writer' && exit 2
echo end >/dev/l4log
