#!/bin/sh
# SPDX-License-Identifier: MIT
# In a guest with four processors: parallel loads, processors that go and come back under load, time
# that others took. Each line tells its status.
cpus=/sys/devices/system/cpu

step() {
	"$@"
	echo "step $?: $*"
}

processors() {
	[ "$(grep -c ^processor /proc/cpuinfo)" = "$1" ]
}

# Steal time of all processors, in ticks.
steal() {
	awk '$1 == "cpu" { print $9 }' /proc/stat
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
	load fork 4 "$1" &
	for n in 3 2 1; do
		echo 0 >$cpus/cpu$n/online || return 1
		[ "$(cat $cpus/cpu$n/online)" = 0 ] || return 2
	done
	processors 1 || return 3
	for n in 1 2 3; do
		echo 1 >$cpus/cpu$n/online || return 4
	done
	wait $!
}

# Four busy processes: without a processor for each of them, time is stolen.
stolen() {
	before=$(steal)
	load spin 4 "$1" || return 1
	after=$(steal)
	echo "stolen: $((after - before)) ticks"
}

step processors 4
rounds=$1
step load fork 4 "$rounds"
step load exec 4 "$rounds"
step load pipe 4 $((rounds * 4))
step load futex 4 $((rounds * 4))
step load map 4 "$rounds"
step shells $((rounds / 2))
step unplug_under_load "$rounds"
step processors 4
step load map 8 "$rounds"
step stolen 10000
