/* SPDX-License-Identifier: MIT */
/* ELF kernels: what is accepted keeps the promises of kernel.h and builder.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "elf_kernel.h"
#include "vmm/alternatives.h"
#include "vmm/builder.h"
#include "vmm/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RAM_FRAMES = 1200 };

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_segments(const struct kernel *k, size_t size)
{
	uint64_t end = k->start;

	check(k->count && k->count <= KERNEL_SEGMENTS_MAX);
	for (unsigned i = 0; i < k->count; i++) {
		const struct kernel_segment *s = &k->segments[i];

		check(s->bytes && s->file_bytes <= s->bytes && s->code_bytes <= s->file_bytes);
		check(s->offset <= size && s->file_bytes <= size - s->offset);
		check(s->start >= end && s->start + s->bytes > s->start);
		end = s->start + s->bytes;
	}
	check(end == k->end);
	check(k->alternatives >= k->start || !k->alternatives_bytes);
	check(k->alternatives_bytes <= k->end && k->alternatives <= k->end - k->alternatives_bytes);
	check(k->entry - k->virt_base >= k->start && k->entry - k->virt_base < k->end);
}

/* The sanitizer sees what is written outside of the memory. */
static void build(const struct kernel *k, const uint8_t *data)
{
	const struct builder_wish wish = {
		.kernel = k, .ram_frames = RAM_FRAMES, .ramdisk_bytes = 5000, .command_line = "x"
	};
	struct builder_plan plan;
	uint8_t *memory;

	if (builder_plan(&wish, &plan))
		return;
	memory = calloc(RAM_FRAMES, 4096);
	kernel_load(data, k, memory);
	builder_write(&wish, &plan, memory);
	patch_sites(k, memory);
	alternatives_select(k, memory);
	if (k->hypercall_page)
		patch_hypercall_page(k, memory);
	free(memory);
}

static void read_file(const uint8_t *data, size_t size)
{
	struct kernel k;

	if (kernel_read(data, size, &k))
		return;
	check_segments(&k, size);
	kernel_can_move(&k, size);
	build(&k, data);
}

/* As it is; then as changes to a file that is right: places and values of bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { CHANGE_BYTES = 3, PLACES = 0x400 };
	static struct elf_kernel file;

	read_file(data, size);
	elf_kernel_init(&file);
	file.segments[0].p_paddr = 0x1000;
	file.segments[1].p_paddr = 0x3000;
	elf_kernel_number(&file, XEN_NOTE_ENTRY, ELF_KERNEL_BASE + 0x1040);
	elf_kernel_number(&file, XEN_NOTE_INIT_P2M, 0x8000000000);
	for (size_t i = 0; i + CHANGE_BYTES <= size; i += CHANGE_BYTES)
		file.bytes[(data[i] | data[i + 1] << 8) % PLACES] = data[i + 2];
	read_file(file.bytes, ELF_KERNEL_BYTES);
	return 0;
}
