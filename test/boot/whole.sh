#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the real system (kernel, sigma0, smoke test as root task) in every way and on odd machines.
# TAP on standard output. usage: whole.sh O, with O/zwinger, O/sigma0, O/test/kernel/smoke built
set -u

o=$(cd "${1:?usage: whole.sh O}" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
dir=$o/test/whole
mkdir -p "$dir" && cd "$dir" || exit 1
ovmf=$("$source/tools/uefi-firmware")

count=0
limit=90
programs="$o/sigma0,$o/test/kernel/smoke"

# The smoke test must run to its end without a failed point.
passes() { # NAME ARGUMENTS...
	name=$1
	shift
	count=$((count + 1))
	timeout $limit qemu-system-x86_64 -cpu max -display none -no-reboot -serial file:log "$@" \
		</dev/null >/dev/null 2>errors
	if grep -aq 'end of test: [0-9]* run, 0 failed' log; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		tail -n 5 log errors | sed 's/^/#   /'
	fi
}

cp "$o/sigma0" sigma0
cp "$o/test/kernel/smoke" smoke
python3 "$source/test/boot/mkcpio.py" modules.cpio sigma0 smoke
"$source/tools/mkiso" whole.iso "$o/zwinger" "$o/sigma0" "$o/test/kernel/smoke" >iso.log 2>&1

passes 'Multiboot' -kernel "$o/zwinger" -initrd "$programs" -m 256
passes 'PVH with an archive of modules' -M q35 -kernel "$o/zwinger.pvh" -initrd modules.cpio -m 256
passes 'GRUB under BIOS' -M q35 -cdrom whole.iso -m 256
passes 'GRUB under UEFI' -M q35 -bios "$ovmf" -cdrom whole.iso -m 256
passes '64 MiB' -kernel "$o/zwinger" -initrd "$programs" -m 64
# Pages that are not touched need no memory of the host.
passes '64 GiB' -M q35,memory-backend=ram -object memory-backend-ram,id=ram,size=64G,reserve=off \
	-kernel "$o/zwinger" -initrd "$programs" -m 64G
passes '64 CPUs' -M q35 -kernel "$o/zwinger" -initrd "$programs" -m 512 -smp 64
passes 'fewer CPUs than there are' -M q35 -kernel "$o/zwinger" -initrd "$programs" -m 256 -smp 4 \
	-append '-maxcpus=2'
passes 'all mitigations' -M q35 -kernel "$o/zwinger" -initrd "$programs" -m 256 -smp 2 \
	-append '-mitigations=force'
passes 'a CPU model that needs isolation' -M q35 -kernel "$o/zwinger" -initrd "$programs" -m 256 \
	-smp 2 -cpu Skylake-Client
passes 'kernel memory as asked, no debugger' -kernel "$o/zwinger" -initrd "$programs" -m 256 \
	-append '-kmemsize=32768 -nojdb'
limit=10 # the machine cannot be switched off then
passes 'no ACPI' -kernel "$o/zwinger" -initrd "$programs" -m 256 -no-acpi
echo "1..$count"
