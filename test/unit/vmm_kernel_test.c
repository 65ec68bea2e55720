/* SPDX-License-Identifier: MIT */
/* The kernel's ELF file: what is accepted means what it says; the places that are patched. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "elf_kernel.h"
#include "guest/layout.h"
#include "vmm/kernel.h"
#include "vmm/patch.h"

static struct elf_kernel file;
static struct kernel kernel;

static const char *read_file(void)
{
	return kernel_read(file.bytes, ELF_KERNEL_BYTES, &kernel);
}

static void notes_and_segments_are_read(void **state)
{
	(void)state;
	elf_kernel_init(&file);
	elf_kernel_number(&file, XEN_NOTE_INIT_P2M, 0x8000000000);
	elf_kernel_number(&file, XEN_NOTE_MOD_START_PFN, 1);
	assert_null(read_file());
	assert_true(kernel.entry == ELF_KERNEL_BASE + ELF_KERNEL_START + 0x40);
	assert_true(kernel.virt_base == ELF_KERNEL_BASE);
	assert_true(kernel.p2m == 0x8000000000 && kernel.module_frame && !kernel.hypercall_page);
	assert_int_equal(kernel.count, 2);
	assert_int_equal(kernel.start, ELF_KERNEL_START);
	assert_int_equal(kernel.end, ELF_KERNEL_START + 0x2800);
	assert_true(kernel.segments[0].code_bytes == 0x800 && !kernel.segments[1].code_bytes);
}

static void what_is_not_said_has_a_default(void **state)
{
	(void)state;
	elf_kernel_init(&file);
	assert_null(read_file());
	assert_true(!kernel.p2m && !kernel.module_frame && !kernel.hypercall_page);
}

static void addresses_count_from_the_offset_of_the_notes(void **state)
{
	(void)state;
	elf_kernel_init(&file);
	elf_kernel_number(&file, XEN_NOTE_PADDR_OFFSET, ELF_KERNEL_BASE);
	file.segments[0].p_paddr += ELF_KERNEL_BASE;
	file.segments[1].p_paddr += ELF_KERNEL_BASE;
	assert_null(read_file());
	assert_int_equal(kernel.start, ELF_KERNEL_START);
}

/* Sections of the text, one behind it, and one of data. */
static void add_sections(uint64_t place)
{
	static const Elf64_Shdr sections[] = {
		{ .sh_flags = SHF_EXECINSTR, .sh_offset = ELF_KERNEL_TEXT, .sh_size = 0x10 },
		{ .sh_flags = SHF_EXECINSTR, .sh_offset = ELF_KERNEL_TEXT + 0x20, .sh_size = 0x30 },
		{ .sh_flags = SHF_EXECINSTR, .sh_offset = ELF_KERNEL_TEXT + 0x7ff, .sh_size = 2 },
		{ .sh_flags = SHF_EXECINSTR, .sh_offset = ELF_KERNEL_TEXT + 1, .sh_size = -1UL },
		{ .sh_flags = SHF_ALLOC, .sh_offset = ELF_KERNEL_TEXT + 0x60, .sh_size = 0x30 },
		{ .sh_flags = SHF_EXECINSTR, .sh_offset = ELF_KERNEL_DATA, .sh_size = 0x10 },
	};

	elf_kernel_init(&file);
	file.header.e_shoff = place;
	file.header.e_shentsize = sizeof(Elf64_Shdr);
	file.header.e_shnum = sizeof(sections) / sizeof(*sections);
	if (place < ELF_KERNEL_BYTES - sizeof(sections))
		memcpy(file.bytes + place, sections, sizeof(sections));
}

static void sections_say_where_code_ends(void **state)
{
	(void)state;
	add_sections(ELF_KERNEL_DATA + 0x200);
	assert_null(read_file());
	assert_int_equal(kernel.segments[0].code_bytes, 0x50);
	assert_int_equal(kernel.segments[1].code_bytes, 0);
	add_sections(ELF_KERNEL_BYTES - 6 * sizeof(Elf64_Shdr) + 1); /* not all there */
	assert_null(read_file());
	assert_int_equal(kernel.segments[0].code_bytes, 0x800);
	add_sections(-1UL);
	assert_null(read_file());
	assert_int_equal(kernel.segments[0].code_bytes, 0x800);
}

static void segments_are_put_into_place(void **state)
{
	uint8_t *memory = malloc(ELF_KERNEL_START + 0x2800);

	(void)state;
	elf_kernel_init(&file);
	assert_null(read_file());
	memset(memory, 0x11, ELF_KERNEL_START + 0x2800);
	kernel_load(file.bytes, &kernel, memory);
	assert_int_equal(memory[ELF_KERNEL_START - 1], 0x11);
	assert_int_equal(memory[ELF_KERNEL_START], 0x90);
	assert_int_equal(memory[ELF_KERNEL_START + 0x1000], 0xda);
	assert_int_equal(memory[ELF_KERNEL_START + 0x10ff], 0xda);
	assert_int_equal(memory[ELF_KERNEL_START + 0x1100], 0);
	assert_int_equal(memory[ELF_KERNEL_START + 0x27ff], 0);
	free(memory);
}

/* The answer is right: loading from the same memory gives the same result. */
static void a_file_in_the_same_memory_can_be_moved_if_it_is_said_so(void **state)
{
	enum { PLACE = 0x4000, ROOM = 0x10000 };
	uint8_t *memory = malloc(ROOM), *want = malloc(ROOM);
	unsigned yes = 0, no = 0;

	(void)state;
	elf_kernel_init(&file);
	file.segments[0].p_paddr = PLACE;
	file.segments[1].p_paddr = PLACE + 0x1000;
	elf_kernel_number(&file, XEN_NOTE_ENTRY, ELF_KERNEL_BASE + PLACE);
	assert_null(read_file());
	kernel_load(file.bytes, &kernel, want);
	for (uint64_t at = 0; at + ELF_KERNEL_BYTES <= ROOM; at += 0x80) {
		bool can = kernel_can_move(&kernel, at);

		yes += can;
		no += !can;
		memcpy(memory + at, file.bytes, ELF_KERNEL_BYTES);
		kernel_load(memory + at, &kernel, memory);
		if (can)
			assert_memory_equal(memory + PLACE, want + PLACE, 0x800);
		if (can)
			assert_memory_equal(memory + PLACE + 0x1000, want + PLACE + 0x1000, 0x1800);
	}
	assert_true(yes && no);
	free(memory);
	free(want);
}

/* --- Refusals --- */

static void no_notes(void)
{
	file.segments[2].p_filesz = 0;
}

static void other_version(void)
{
	elf_kernel_note(&file, XEN_NOTE_XEN_VERSION, "xen-4.0", 8);
}

static void other_machine(void)
{
	file.header.e_machine = EM_386;
}

static void headers_outside(void)
{
	file.header.e_phoff = UINT64_MAX - 100;
}

static void segment_outside(void)
{
	file.segments[0].p_offset = ELF_KERNEL_BYTES - 0x7ff;
}

static void segment_wraps(void)
{
	file.segments[0].p_offset = UINT64_MAX;
}

static void smaller_in_memory(void)
{
	file.segments[0].p_memsz = 0x7ff;
}

static void overlap(void)
{
	file.segments[1].p_paddr = ELF_KERNEL_START + 0x7ff;
}

static void address_wraps(void)
{
	file.segments[1].p_paddr = UINT64_MAX - 0x100;
}

static void entry_outside(void)
{
	elf_kernel_number(&file, XEN_NOTE_ENTRY, ELF_KERNEL_BASE + ELF_KERNEL_START + 0x2800);
}

static void base_in_the_hole(void)
{
	elf_kernel_number(&file, XEN_NOTE_VIRT_BASE, 0xffff800000000000);
	elf_kernel_number(&file, XEN_NOTE_ENTRY, 0xffff800000000000 + ELF_KERNEL_START);
}

static void list_in_the_hole(void)
{
	elf_kernel_number(&file, XEN_NOTE_INIT_P2M, 0xffff810000000000);
}

static void page_outside(void)
{
	elf_kernel_number(&file, XEN_NOTE_HYPERCALL_PAGE, ELF_KERNEL_BASE);
}

static void hole_too_small(void)
{
	elf_kernel_number(&file, XEN_NOTE_HV_START_LOW, 0xffff830000000000);
}

static void what_cannot_be_started_is_refused(void **state)
{
	static void (*const faults[])(void) = {
		no_notes,      segment_outside, other_version,	  headers_outside,
		segment_wraps, other_machine,	overlap,	  smaller_in_memory,
		address_wraps, entry_outside,	base_in_the_hole, list_in_the_hole,
		page_outside,  hole_too_small,
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		elf_kernel_init(&file);
		assert_null(read_file());
		faults[i]();
		if (!read_file())
			fail_msg("fault %u is not seen", i);
	}
	elf_kernel_init(&file);
	for (size_t bytes = 0; bytes < sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr); bytes++)
		assert_non_null(kernel_read(file.bytes, bytes, &kernel));
}

/* --- Call sites --- */

static const uint8_t call_site[16] = { 0x51, 0x41, 0x53, 0x0f, 0x05, 0x41, 0x5b, 0x59,
				       0xe9, 1,	   2,	 3,    4,    0x0f, 0x1f, 0x00 };
static const uint8_t iret_site[14] = { 0x6a, 0x00, 0x51, 0x41, 0x53, 0x50, 0xb8,
				       0x17, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xcc };

/* The bytes of the text behind the kernel's start; the rest of memory is not there. */
static uint8_t text[0x800];

static enum patch_result patch(void)
{
	elf_kernel_init(&file);
	assert_null(read_file());
	return patch_sites(&kernel, text - ELF_KERNEL_START);
}

static void jumps_to(const uint8_t *at, uint64_t target)
{
	static const uint8_t jump[] = { 0xff, 0x25, 0, 0, 0, 0 };

	assert_memory_equal(at, jump, sizeof(jump));
	assert_memory_equal(at + sizeof(jump), &target, sizeof(target));
}

static void both_sites_jump_to_the_shim(void **state)
{
	(void)state;
	memset(text, 0x90, sizeof(text));
	memcpy(text + 0x100, call_site, sizeof(call_site));
	memcpy(text + 0x7f2, iret_site, sizeof(iret_site));
	assert_int_equal(patch(), PATCH_DONE);
	jumps_to(text + 0x100, GUEST_SHIM_CALL);
	jumps_to(text + 0x7f2, GUEST_SHIM_IRET);
	assert_int_equal(text[0xff], 0x90);
	assert_int_equal(text[0x10e], 0x1f); /* behind the jump */
}

/* The kernel looks at it later, and warns if it has gone. */
static void the_jump_to_the_return_stays_if_a_pointer_has_room(void **state)
{
	static const uint8_t jump[] = { 0xff, 0x24, 0x25, 0x78, 0x03, 0x00, 0x81, 0x90 };
	uint64_t pointer;

	(void)state;
	memset(text, 0x90, sizeof(text));
	memcpy(text + 0x100, call_site, sizeof(call_site));
	memcpy(text + 0x200, iret_site, sizeof(iret_site));
	memset(text + 0x2f8, 0xcc, 8);	/* too short: may be a constant */
	memset(text + 0x36e, 0xcc, 18); /* ends at 0x380 */
	assert_int_equal(patch(), PATCH_DONE);
	assert_memory_equal(text + 0x100, jump, sizeof(jump));
	assert_memory_equal(text + 0x108, call_site + 8, sizeof(call_site) - 8);
	memcpy(&pointer, text + 0x378, sizeof(pointer));
	assert_true(pointer == GUEST_SHIM_CALL);
	assert_int_equal(text[0x377], 0xcc);
	assert_int_equal(text[0x380], 0x90);
	jumps_to(text + 0x200, GUEST_SHIM_IRET);
}

/* The next function is aligned by one long instruction, which nobody executes. */
static void the_pointer_may_be_in_the_padding_behind_the_site(void **state)
{
	static const uint8_t nop[] = { 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 };
	static const uint8_t jump[] = { 0xff, 0x24, 0x25, 0x00, 0x01, 0x00, 0x81, 0x90 };
	uint64_t pointer;

	(void)state;
	for (unsigned prefixes = 0; prefixes <= 3; prefixes++) {
		unsigned site = 0x100 - 13 - prefixes;

		memset(text, 0x90, sizeof(text));
		memcpy(text + site, call_site, 13);
		memcpy(text + site + 13, nop + 3 - prefixes, 8 + prefixes);
		memcpy(text + 0x200, iret_site, sizeof(iret_site));
		memset(text + 0x36e, 0xcc, 18); /* there would be room, too */
		assert_int_equal(patch(), PATCH_DONE);
		assert_memory_equal(text + site, jump, sizeof(jump));
		assert_memory_equal(text + site + 8, call_site + 8, 5);
		memcpy(&pointer, text + 0x100, sizeof(pointer));
		assert_true(pointer == GUEST_SHIM_CALL);
		assert_int_equal(text[0xff], prefixes ? nop[2] : call_site[12]);
		assert_int_equal(text[0x108], 0x90);
	}
}

static void nothing_is_changed_unless_each_site_is_there_once(void **state)
{
	uint8_t before[sizeof(text)];

	(void)state;
	for (unsigned which = 0; which < 5; which++) {
		memset(text, 0x90, sizeof(text));
		if (which != 1)
			memcpy(text + 0x100, call_site, sizeof(call_site));
		if (which != 0)
			memcpy(text + 0x200, iret_site, sizeof(iret_site));
		if (which == 2)
			memcpy(text + 0x300, call_site, sizeof(call_site));
		if (which == 3)
			memcpy(text + 0x300, iret_site, sizeof(iret_site));
		if (which == 4)
			text[0x10e] = 0x55; /* another function begins where the jump would end */
		memcpy(before, text, sizeof(text));
		assert_int_equal(patch(),
				 which == 2 || which == 3 ? PATCH_AMBIGUOUS : PATCH_NOT_FOUND);
		assert_memory_equal(text, before, sizeof(text));
	}
}

/* mov $2^27, %edx; another instruction; and the kernel's sum. */
static const uint8_t limit_site[] = { 0xba, 0x00, 0x00, 0x00, 0x08, 0x48, 0x39, 0xd0, 0x48,
				      0x0f, 0x42, 0xc2, 0x48, 0x8d, 0x04, 0xc5, 0xff, 0xff,
				      0x1f, 0x00, 0x48, 0x25, 0x00, 0x00, 0xe0, 0xff };

static void put_all_sites(void)
{
	memset(text, 0x90, sizeof(text));
	memcpy(text + 0x100, call_site, sizeof(call_site));
	memcpy(text + 0x200, iret_site, sizeof(iret_site));
	memcpy(text + 0x300, limit_site, sizeof(limit_site));
}

static void a_kernel_keeps_no_room_for_memory_that_cannot_come(void **state)
{
	uint8_t want[sizeof(limit_site)];

	(void)state;
	put_all_sites();
	memcpy(want, limit_site, sizeof(want));
	want[4] = 0;
	assert_int_equal(patch(), PATCH_DONE);
	assert_memory_equal(text + 0x300, want, sizeof(want));
}

/* mov $2^27, %edx; cmp $2^27, %rax; and the sum: both are the constant, or it would be taken. */
static const uint8_t limit_twice[] = { 0xba, 0x00, 0x00, 0x00, 0x08, 0x48, 0x3d, 0x00, 0x00, 0x00,
				       0x08, 0x48, 0x0f, 0x42, 0xc2, 0x48, 0x8d, 0x04, 0xc5, 0xff,
				       0xff, 0x1f, 0x00, 0x48, 0x25, 0x00, 0x00, 0xe0, 0xff };

static void the_constant_may_be_compared_itself(void **state)
{
	uint8_t want[sizeof(limit_twice)];

	(void)state;
	memcpy(want, limit_twice, sizeof(want));
	want[4] = want[10] = 0;
	put_all_sites();
	memcpy(text + 0x300, limit_twice, sizeof(limit_twice));
	assert_int_equal(patch(), PATCH_DONE);
	assert_memory_equal(text + 0x300, want, sizeof(want));
}

static void a_kernel_with_a_hypercall_page_keeps_no_room_either(void **state)
{
	static uint8_t memory[0x2000];

	(void)state;
	kernel = (struct kernel){ .count = 1,
				  .segments = { { .start = 0x1000, .code_bytes = 0x800 } },
				  .start = 0x1000,
				  .end = sizeof(memory),
				  .virt_base = ELF_KERNEL_BASE,
				  .hypercall_page = ELF_KERNEL_BASE };
	memcpy(memory + 0x1300, limit_site, sizeof(limit_site));
	patch_hypercall_page(&kernel, memory);
	assert_int_equal(memory[0x1304], 0);
	assert_memory_equal(memory + 0x1305, limit_site + 5, sizeof(limit_site) - 5);
}

static void room_that_is_not_found_beyond_doubt_stays(void **state)
{
	uint8_t before[sizeof(text)];

	(void)state;
	for (unsigned which = 0; which < 7; which++) {
		put_all_sites();
		if (which == 0)
			memcpy(text + 0x400, limit_site, sizeof(limit_site));
		if (which == 1)
			memcpy(text + 0x2f8, limit_site, 5); /* which of the two? */
		if (which == 2)
			text[0x301] = 1; /* no multiple of 1 GiB */
		if (which == 3)
			text[0x300] = 0xb8; /* another register */
		if (which == 4)
			text[0x307] = 0xc8; /* %rcx is compared */
		if (which == 5)
			memcpy(text + 0x2fd, limit_site, 8); /* two comparisons */
		if (which == 6) {			     /* another constant is compared */
			memcpy(text + 0x300, limit_twice, sizeof(limit_twice));
			text[0x309] = 1;
		}
		memcpy(before, text, sizeof(text));
		assert_int_equal(patch(), PATCH_DONE);
		assert_memory_equal(text + 0x210, before + 0x210, sizeof(text) - 0x210);
	}
}

/* Each place counts, also the first and the last, whatever is in front. */
static void sites_are_found_at_each_place(void **state)
{
	(void)state;
	for (unsigned at = 0; at + sizeof(iret_site) <= sizeof(text); at++) {
		unsigned other = at < 0x400 ? 0x600 : 0x100;

		memset(text, at & 1 ? 0x41 : 0x51, sizeof(text));
		memcpy(text + at, iret_site, sizeof(iret_site));
		memcpy(text + other, call_site, sizeof(call_site));
		assert_int_equal(patch(), PATCH_DONE);
		jumps_to(text + at, GUEST_SHIM_IRET);
		jumps_to(text + other, GUEST_SHIM_CALL);
	}
}

static void what_is_behind_the_code_is_no_site(void **state)
{
	uint64_t end = 0x310; /* of the limit's site, no further */

	(void)state;
	for (unsigned missing = 0; missing < 2; missing++) {
		put_all_sites();
		memcpy(text + 0x400, call_site, sizeof(call_site));
		elf_kernel_init(&file);
		assert_null(read_file());
		kernel.segments[0].code_bytes = missing ? 0x20d : end;
		assert_int_equal(patch_sites(&kernel, text - ELF_KERNEL_START),
				 missing ? PATCH_NOT_FOUND : PATCH_DONE);
		assert_memory_equal(text + 0x400, call_site, sizeof(call_site));
	}
}

static void a_hypercall_page_has_a_function_for_each_number(void **state)
{
	static uint8_t page[4096];

	(void)state;
	kernel = (struct kernel){ .virt_base = ELF_KERNEL_BASE, .hypercall_page = ELF_KERNEL_BASE };
	patch_hypercall_page(&kernel, page);
	for (uint32_t i = 0; i < 128; i++) {
		const uint8_t *slot = page + i * 32;
		uint32_t number;

		memcpy(&number, slot + 1, sizeof(number));
		if (i == 23) {
			jumps_to(slot + 5, GUEST_SHIM_IRET);
			continue;
		}
		assert_int_equal(slot[0], 0xb8);
		assert_int_equal(number, i);
		jumps_to(slot + 5, GUEST_SHIM_CALL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_and_segments_are_read),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(addresses_count_from_the_offset_of_the_notes),
		cmocka_unit_test(sections_say_where_code_ends),
		cmocka_unit_test(segments_are_put_into_place),
		cmocka_unit_test(a_file_in_the_same_memory_can_be_moved_if_it_is_said_so),
		cmocka_unit_test(what_cannot_be_started_is_refused),
		cmocka_unit_test(both_sites_jump_to_the_shim),
		cmocka_unit_test(the_jump_to_the_return_stays_if_a_pointer_has_room),
		cmocka_unit_test(the_pointer_may_be_in_the_padding_behind_the_site),
		cmocka_unit_test(nothing_is_changed_unless_each_site_is_there_once),
		cmocka_unit_test(a_kernel_keeps_no_room_for_memory_that_cannot_come),
		cmocka_unit_test(the_constant_may_be_compared_itself),
		cmocka_unit_test(a_kernel_with_a_hypercall_page_keeps_no_room_either),
		cmocka_unit_test(room_that_is_not_found_beyond_doubt_stays),
		cmocka_unit_test(sites_are_found_at_each_place),
		cmocka_unit_test(what_is_behind_the_code_is_no_site),
		cmocka_unit_test(a_hypercall_page_has_a_function_for_each_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
