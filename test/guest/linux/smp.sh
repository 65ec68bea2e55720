#!/bin/sh
# SPDX-License-Identifier: MIT
# smp.sh PROCESSORS ROUNDS, in a guest with so many processors: parallel loads, processors that go and come back under load, time
# that others took. Each line tells its status.
cpus=/sys/devices/system/cpu

step() {
	"$@"
	echo "step $?: $*"
}

processors() {
	[ "$(grep -c ^processor /proc/cpuinfo)" = "$1" ]
}

# All time of all processors in which they had something to do, and steal time of that, in ticks.
busy() {
	awk '$1 == "cpu" { print $2 + $3 + $4 + $9, $9 }' /proc/stat
}

shell_loop() {
	for n in $(seq "$1"); do
		/bin/busybox true && ls / >/dev/null && [ "$(echo x | cat)" = x ] || return 1
	done
}

shells() {
	for w in 1 2 3 4; do
		shell_loop "$1" &
		eval "shell$w=$!"
	done
	wait "$shell1" && wait "$shell2" && wait "$shell3" && wait "$shell4"
}

# Take processors away and bring them back while a load runs.
unplug_under_load() {
	load fork "$count" "$1" &
	for n in $(seq $((count - 1)) -1 1); do
		echo 0 >$cpus/cpu$n/online || return 1
		[ "$(cat $cpus/cpu$n/online)" = 0 ] || return 2
	done
	processors 1 || return 3
	for n in $(seq $((count - 1))); do
		echo 1 >$cpus/cpu$n/online || return 4
	done
	wait $!
}

# Busy processes: without a processor for each of them, time is stolen.
stolen() {
	before=$(busy)
	load spin "$count" "$1" || return 1
	after=$(busy)
	echo "stolen: $((${after#* } - ${before#* })) of $((${after% *} - ${before% *})) ticks"
}

count=$1
rounds=$2
step processors "$count"
step load fork "$count" "$rounds"
step load exec "$count" "$rounds"
step load pipe "$count" $((rounds * 4))
step load futex "$count" $((rounds * 4))
step load map "$count" "$rounds"
step shells $((rounds / 2))
step unplug_under_load "$rounds"
step processors "$count"
step load map 8 "$rounds"
step stolen 10000
