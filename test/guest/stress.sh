#!/bin/sh
# SPDX-License-Identifier: MIT
# In a guest: stress-ng's classes, each bounded in operations, with its own checks of results.
failed=0
stress()
{
	if stress-ng --verify --no-rand-seed --timeout 0 "$@" >stress.log 2>&1; then
		echo "ok - stress-ng $*"
	else
		sed 's/^/# /' stress.log
		echo "not ok - stress-ng $*"
		failed=1
	fi
}

stress --cpu 2 --cpu-ops 20
stress --vm 2 --vm-bytes 16m --vm-ops 100 --vm-method all
stress --fork 2 --fork-ops 60
stress --vfork 1 --vfork-ops 60
stress --exec 1 --exec-ops 20
stress --pipe 2 --pipe-ops 2000
stress --sigfd 1 --sigfd-ops 500
stress --sigsegv 1 --sigsegv-ops 500
stress --sigfpe 1 --sigfpe-ops 300
stress --sigq 1 --sigq-ops 500
stress --signest 1 --signest-ops 200
stress --futex 2 --futex-ops 500
stress --pthread 1 --pthread-ops 200
stress --switch 2 --switch-ops 2000
stress --mmap 1 --mmap-bytes 2m --mmap-ops 2
stress --mmapfork 1 --mmapfork-ops 2
stress --mremap 1 --mremap-bytes 2m --mremap-ops 4
stress --mprotect 1 --mprotect-ops 300
stress --madvise 1 --madvise-ops 1
stress --memfd 1 --memfd-bytes 4m --memfd-ops 2
stress --pageswap 1 --pageswap-ops 1000
stress --userfaultfd 1 --userfaultfd-bytes 2m --userfaultfd-ops 1000
stress --vm-segv 1 --vm-segv-ops 50
stress --timer 1 --timer-ops 500
exit $failed
