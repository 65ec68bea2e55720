#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the scenario hello from its images. TAP on standard output. Usage: images.sh O
set -u

o=${1:?usage: images.sh O}
make=${MAKE:-make}
folder=$o/test/images
ovmf=$(tools/uefi-firmware)
count=0
mkdir -p "$folder"

# The serial line must show the greeting; then the machine is stopped.
greets() { # NAME ARGUMENTS...
	name=$1
	shift
	count=$((count + 1))
	rm -f "$folder/log"
	timeout 100 qemu-system-x86_64 -M q35 -cpu max -m 256 -nodefaults -display none -no-reboot \
		-serial "file:$folder/log" "$@" </dev/null >"$folder/errors" 2>&1 &
	machine=$!
	while kill -0 $machine 2>/dev/null && ! grep -qs 'hello   | Hello World!' "$folder/log"; do
		sleep 0.2
	done
	kill $machine 2>/dev/null
	wait $machine
	if grep -qs 'hello   | Hello World!' "$folder/log"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		tail -n 5 "$folder/log" "$folder/errors" | sed 's/^/#   /'
	fi
}

for kind in image-file iso-file; do
	$make --no-print-directory $kind E=hello O="$o" | sed 's/^/# /'
done
greets 'one Multiboot file has all modules' -kernel "$o/images/hello.elf"
greets 'the ISO boots under BIOS' -cdrom "$o/images/hello.iso"
greets 'the ISO boots under UEFI' -bios "$ovmf" -cdrom "$o/images/hello.iso"
echo "1..$count"
