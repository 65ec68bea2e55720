#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guests of kills.cfg: role is from the command line.
work() {
	load fork 2 "$1" && load exec 2 "$1" && load pipe 2 "$1" && load futex 4 "$1" && load map 4 "$1"
}

case $role in
short) ;;
worker) work 20 ;;
victim) while work 5; do echo "a round is done"; done ;;
esac
