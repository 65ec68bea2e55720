#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the test kernel in every way that the boot stage promises. TAP on standard output.
# usage: run.sh DIR, with DIR as built by: make -f test/boot/test.mk O=DIR
# A second argument selects the tests whose name contains it.
set -u

dir=${1:?usage: run.sh DIR [NAME]}
only=${2:-}
source=$(cd "$(dirname "$0")/../.." && pwd)
cd "$dir" || exit 1
ovmf=$("$source/tools/uefi-firmware" 2>/dev/null)

count=0
failed=0
limit=60
fixed='sigma0,root -x,mod1 arg,mod2 arg,mod3 arg'
quiet='-display none -no-reboot -nodefaults -device isa-debug-exit,iobase=0xf4,iosize=4'

result() { # OK? NAME
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
		grep -a '^not ok\|zwinger boot\|exception' log | sed 's/^/#   /'
	fi
}

selected() {
	case $1 in
	*"$only"*) return 0 ;;
	esac
	return 1
}

# The test kernel must pass all of its checks; it ends the emulator with status 1 then.
boots() { # NAME EMULATOR ARGUMENTS...
	name=$1
	selected "$name" || return 0
	shift
	# shellcheck disable=SC2086 # words are wanted
	timeout $limit "$@" $quiet -serial file:log >/dev/null 2>errors </dev/null
	status=$?
	grep -aq '^1\.\.' log && [ $status -eq 1 ]
	result $? "$name"
}

# The boot stage must print the line and halt, not reset (-no-reboot would end the emulator).
refuses() { # NAME LINE EMULATOR ARGUMENTS...
	name=$1
	line=$2
	selected "$name" || return 0
	shift 2
	: >log
	# shellcheck disable=SC2086
	timeout $limit "$@" $quiet -serial file:log >/dev/null 2>errors </dev/null &
	pid=$!
	tries=0
	while ! grep -aq "^zwinger boot: error: $line" log; do
		tries=$((tries + 1))
		if [ $tries -ge 200 ] || ! kill -0 $pid 2>/dev/null; then
			break
		fi
		sleep 0.1
	done
	kill -0 $pid 2>/dev/null && [ "$(grep -ac "^zwinger boot: error: $line" log)" -eq 1 ]
	result $? "$name"
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
}

multiboot() { # NAME "EMULATOR ARGUMENTS" MIB MODULES [OTHERS]
	name=$1
	machine=$2
	ram=$3
	modules=$4
	# shellcheck disable=SC2086
	boots "$name" qemu-system-x86_64 $machine -vga std -m "$ram" -kernel zwinger \
		-append "-ram=$((ram - 2)) -others=${5:-3} -fb=2 -rsdp=1" -initrd "$modules"
}

refuses_modules() { # NAME LINE MODULES
	refuses "$1" "$2" qemu-system-x86_64 -m 256 -kernel zwinger -initrd "$3"
}

multiboot 'Multiboot, pc, 64 MiB' '-M pc' 64 "$fixed"
multiboot 'Multiboot, q35, 512 MiB' '-M q35' 512 "$fixed"
multiboot 'Multiboot, q35, 4 GiB, memory above 4 GiB' '-M q35' 4096 "$fixed"
multiboot 'Multiboot, pc, 12 GiB, 1 GiB pages' '-M pc -cpu max' 12288 "$fixed"
multiboot 'Multiboot, position independent root task' '-M q35' 256 'sigma0,root.pie -x' 0
multiboot 'Multiboot, both programs position independent' '-M q35' 256 \
	'sigma0.pie,root.pie -x,mod1 arg' 1
multiboot 'Multiboot, modules moved out of the way of sigma0' '-M pc' 256 \
	'sigma0.high,root -x,mod1 arg,mod2 arg' 2
# 64 GiB of address space; pages that are not touched cost nothing.
multiboot 'Multiboot, q35, 64 GiB' \
	'-M q35,memory-backend=all -object memory-backend-ram,id=all,size=64G,reserve=off' \
	65536 "$fixed"
boots 'PVH, archive of modules, q35' qemu-system-x86_64 -M q35 -vga std -m 512 -kernel zwinger.pvh \
	-append '-ram=510 -others=3 -fb=2 -rsdp=1' -initrd modules.cpio
boots 'PVH, archive of modules, microvm' qemu-system-x86_64 -M microvm -m 128 \
	-kernel zwinger.pvh -append '-ram=126 -others=3 ' -initrd modules.cpio

if command -v grub-mkrescue >/dev/null; then
	selected ISO && "$source/tools/mkiso" test.iso \
		'zwinger -ram=500 -others=3 -fb=1 -rsdp=1' sigma0 'root -x' 'mod1 arg' 'mod2 arg' \
		'mod3 arg'
	boots 'ISO, BIOS' qemu-system-x86_64 -M pc -vga std -m 512 -cdrom test.iso
	if [ -n "$ovmf" ]; then
		boots 'ISO, UEFI' qemu-system-x86_64 -M q35 -vga std -m 576 -bios "$ovmf" -cdrom test.iso
	fi
fi

refuses 'no long mode' 'this processor has no 64-bit mode' \
	qemu-system-i386 -cpu qemu32 -m 256 -kernel zwinger -initrd 'sigma0,root'
refuses 'no NX' 'this processor has no execute-disable' \
	qemu-system-x86_64 -cpu qemu64,-nx -m 256 -kernel zwinger -initrd 'sigma0,root'
refuses 'no modules' '0 modules given' qemu-system-x86_64 -m 256 -kernel zwinger
refuses 'one module' '1 modules given' qemu-system-x86_64 -m 256 -kernel zwinger.pvh -initrd sigma0
refuses_modules 'module that is no program' 'module 1 (mod1), the root task program: not an ELF64' \
	'sigma0,mod1'
refuses_modules 'programs overlap' 'root task at 0x101000 .* overlaps sigma0' 'sigma0,root.clash'
refuses_modules 'program on the boot stage' 'root task at .* overlaps the boot stage' \
	'sigma0,root.stage'
refuses_modules 'program outside memory' 'root task at 0xe0000000 .* is not in RAM' \
	'sigma0,root.nowhere'
refuses 'no kernel' 'kernel: not an ELF64 file' \
	qemu-system-x86_64 -m 256 -kernel bad/zwinger -initrd 'sigma0,root'
refuses 'errors go to the chosen serial port' '0 modules given' \
	qemu-system-x86_64 -m 256 -kernel zwinger -append -serial=com2 -serial null
refuses 'bad option' '-serial= takes' \
	qemu-system-x86_64 -m 256 -kernel zwinger -append '-serial=com9' -initrd 'sigma0,root'

echo "1..$count"
echo "# $((count - failed)) passed, $failed failed"
[ $failed -eq 0 ]
