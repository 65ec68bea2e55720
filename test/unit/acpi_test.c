/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables (x86_64/acpi.c) in a made-up physical memory: a buffer of exactly 4 GiB with nothing
 * accessible behind it, so that a read beyond the direct map is a crash.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "x86_64/platform.h"

enum {
	RSDP = 0xf5000,
	RSDT = 0x10000,
	XSDT = 0x11000,
	MADT = 0x12000,
	FADT = 0x13000,
	DSDT = 0x14000,
	HPET = 0x15000,
	BOOT_ID = 0
};
#define GIB4 (1ull << 32)

static u8 *memory;
static u32 boot_id;

void *phys_to_virt(phys_t pa)
{
	return memory + pa.v;
}

u32 cpufeat_apic_id(void)
{
	return boot_id;
}

/* --- Building tables --- */

static void put(u64 pa, u64 v, unsigned bytes)
{
	memcpy(memory + pa, &v, bytes);
}

static void fix_sum(u64 pa, u32 len, u32 at)
{
	u8 sum = 0;

	memory[pa + at] = 0;
	for (u32 i = 0; i < len; i++)
		sum = (u8)(sum + memory[pa + i]);
	memory[pa + at] = (u8)-sum;
}

static void finish(u64 pa, const char *signature, u32 len)
{
	memcpy(memory + pa, signature, 4);
	put(pa + 4, len, 4);
	fix_sum(pa, len, 9);
}

static void put_rsdp(unsigned revision)
{
	memcpy(memory + RSDP, "RSD PTR ", 8);
	put(RSDP + 15, revision, 1);
	put(RSDP + 16, RSDT, 4);
	put(RSDP + 20, 36, 4);
	put(RSDP + 24, XSDT, 8);
	fix_sum(RSDP, 20, 8);
	fix_sum(RSDP, 36, 32);
}

static u32 madt_cpu(u32 off, u8 id, u32 flags)
{
	put(MADT + off, 8 << 8 | id << 16 | (u64)id << 24, 4);
	put(MADT + off + 4, flags, 4);
	return off + 8;
}

/* Two CPUs and a disabled one, an I/O APIC, overrides of IRQ 0 and 9. */
static void put_madt(void)
{
	u32 off = 44;

	put(MADT + 36, 0xfee00000, 4);
	put(MADT + 40, 1, 4);
	off = madt_cpu(off, 0, 1);
	off = madt_cpu(off, 4, 1);
	off = madt_cpu(off, 6, 0);
	put(MADT + off, 1 | 12 << 8 | 9 << 16, 4);
	put(MADT + off + 4, 0xfec00000, 4);
	put(MADT + off + 8, 0, 4);
	off += 12;
	put(MADT + off, 2 | 10 << 8 | 0ull << 24 | 2ull << 32, 8);
	off += 10;
	put(MADT + off, 2 | 10 << 8 | 9ull << 24 | 9ull << 32, 8);
	put(MADT + off + 8, 0xd | 0x2, 2);
	off += 10;
	finish(MADT, "APIC", off);
}

static void put_fadt(void)
{
	put(FADT + 40, DSDT, 4);
	put(FADT + 64, 0x604, 4);
	put(FADT + 76, 0x608, 4);
	put(FADT + 112, 1 << 10 | 1 << 8, 4);
	put(FADT + 116, 1, 1);
	put(FADT + 120, 0xcf9, 8);
	put(FADT + 128, 0xf, 1);
	finish(FADT, "FACP", 244);
}

static void put_dsdt(const void *aml, u32 len)
{
	memcpy(memory + DSDT + 36, aml, len);
	finish(DSDT, "DSDT", 36 + len);
}

static const u8 s5_aml[] = { 0x10, 0x20, 0x08, '_',  'S',  '5',	 '_',  0x12,
			     0x08, 0x04, 0x0a, 0x05, 0x0a, 0x06, 0x00, 0x00 };

static void put_hpet(void)
{
	put(HPET + 40, 0, 1);
	put(HPET + 44, 0xfed00000, 8);
	finish(HPET, "HPET", 56);
}

static int setup(void **state)
{
	static const u32 tables[] = { MADT, FADT, HPET };

	(void)state;
	memset(memory, 0, 0x20000);
	memset(memory + RSDP, 0, 64);
	boot_id = BOOT_ID;
	put_rsdp(2);
	for (unsigned i = 0; i < ARRAY_SIZE(tables); i++) {
		put(RSDT + 36 + 4 * i, tables[i], 4);
		put(XSDT + 36 + 8 * i, tables[i], 8);
	}
	finish(RSDT, "RSDT", 36 + 4 * ARRAY_SIZE(tables));
	finish(XSDT, "XSDT", 36 + 8 * ARRAY_SIZE(tables));
	put_madt();
	put_fadt();
	put_dsdt(s5_aml, sizeof(s5_aml));
	put_hpet();
	return 0;
}

static void assert_all_found(void)
{
	assert_int_equal(2, acpi.cpus);
	assert_int_equal(4, acpi.cpu_apic_id[1]);
	assert_int_equal(0xfee00000, acpi.lapic_phys);
	assert_int_equal(1, acpi.ioapics);
	assert_int_equal(0xfec00000, acpi.ioapic[0].phys);
	assert_int_equal(9, acpi.ioapic[0].id);
	assert_true(acpi.has_8259);
	assert_int_equal(0x604, acpi.pm1a_cnt);
	assert_int_equal(0x608, acpi.pm_timer_port);
	assert_true(acpi.pm_timer_32bit);
	assert_true(acpi.has_s5);
	assert_int_equal(5 << 10, acpi.slp_typa);
	assert_int_equal(6 << 10, acpi.slp_typb);
	assert_true(acpi.has_reset);
	assert_int_equal(1, acpi.reset_space);
	assert_int_equal(0xcf9, acpi.reset_addr);
	assert_int_equal(0xf, acpi.reset_value);
	assert_int_equal(0xfed00000, acpi.hpet_phys);
}

static void assert_fallback(void)
{
	assert_int_equal(1, acpi.cpus);
	assert_int_equal(BOOT_ID, acpi.cpu_apic_id[0]);
	assert_int_equal(1, acpi.ioapics);
	assert_int_equal(0xfec00000, acpi.ioapic[0].phys);
	assert_int_equal(0xfee00000, acpi.lapic_phys);
	assert_true(acpi.has_8259);
	assert_false(acpi.has_s5);
	assert_int_equal(5, acpi.isa_irq[5].gsi);
}

/* --- The promises --- */

static void everything_is_found_through_the_xsdt(void **state)
{
	(void)state;
	memset(memory + RSDT, 0, 36);
	acpi_init(phys(RSDP));
	assert_all_found();
}

static void everything_is_found_through_the_rsdt(void **state)
{
	(void)state;
	put_rsdp(0);
	memset(memory + XSDT, 0, 36);
	acpi_init(phys(RSDP));
	assert_all_found();
}

static void bad_xsdt_falls_back_to_the_rsdt(void **state)
{
	(void)state;
	memory[XSDT + 40] ^= 1;
	acpi_init(phys(RSDP));
	assert_all_found();
}

static void without_acpi_there_is_one_cpu(void **state)
{
	(void)state;
	acpi_init(phys(0));
	assert_fallback();
	memory[RSDP + 8] ^= 1;
	memory[RSDP + 32] ^= 1;
	acpi_init(phys(RSDP));
	assert_fallback();
}

static void table_with_wrong_sum_is_ignored(void **state)
{
	(void)state;
	memory[MADT + 50] ^= 1;
	acpi_init(phys(RSDP));
	assert_int_equal(1, acpi.cpus);
	assert_true(acpi.has_s5);
}

static void overrides_name_pin_and_mode(void **state)
{
	(void)state;
	acpi_init(phys(RSDP));
	assert_int_equal(2, acpi.isa_irq[0].gsi);
	assert_int_equal(0, acpi.isa_irq[0].mode);
	assert_int_equal(9, acpi.isa_irq[9].gsi);
	assert_int_equal(PIN_LOW | PIN_LEVEL, acpi.isa_irq[9].mode);
	assert_int_equal(4, acpi.isa_irq[4].gsi);
}

static void boot_cpu_comes_first(void **state)
{
	(void)state;
	boot_id = 4;
	acpi_init(phys(RSDP));
	assert_int_equal(2, acpi.cpus);
	assert_int_equal(4, acpi.cpu_apic_id[0]);
	assert_int_equal(0, acpi.cpu_apic_id[1]);
	boot_id = 77; /* not in the table */
	acpi_init(phys(RSDP));
	assert_int_equal(3, acpi.cpus);
	assert_int_equal(77, acpi.cpu_apic_id[0]);
	assert_int_equal(0, acpi.cpu_apic_id[1]);
}

static void more_cpus_than_the_kernel_takes_are_left_out(void **state)
{
	u32 off = 44;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		off = madt_cpu(off, (u8)i, 1);
	off = madt_cpu(off, 3, 1);
	finish(MADT, "APIC", off);
	boot_id = 99;
	acpi_init(phys(RSDP));
	assert_int_equal(MAX_CPUS, acpi.cpus);
	assert_int_equal(99, acpi.cpu_apic_id[0]);
	assert_int_equal(0, acpi.cpu_apic_id[1]);
	assert_int_equal(MAX_CPUS - 2, acpi.cpu_apic_id[MAX_CPUS - 1]);
}

static void x2apic_entries_count_and_doubles_do_not(void **state)
{
	u32 off = 44;

	(void)state;
	off = madt_cpu(off, 0, 1);
	put(MADT + off, 9 | 16 << 8, 4);
	put(MADT + off + 4, 0x1000, 4);
	put(MADT + off + 8, 1, 4);
	off += 16;
	put(MADT + off, 9 | 16 << 8, 4);
	put(MADT + off + 4, 0, 4);
	put(MADT + off + 8, 1, 4);
	finish(MADT, "APIC", off + 16);
	acpi_init(phys(RSDP));
	assert_int_equal(2, acpi.cpus);
	assert_int_equal(0x1000, acpi.cpu_apic_id[1]);
}

static void truncated_and_empty_entries_end_the_list(void **state)
{
	(void)state;
	madt_cpu(44, 0, 1);
	madt_cpu(52, 1, 1);
	put(MADT + 53, 0, 1); /* length 0 */
	finish(MADT, "APIC", 60);
	acpi_init(phys(RSDP));
	assert_int_equal(1, acpi.cpus);
	put(MADT + 53, 8, 1);
	finish(MADT, "APIC", 58); /* the last entry sticks out */
	acpi_init(phys(RSDP));
	assert_int_equal(1, acpi.cpus);
	put(MADT + 53, 4, 1); /* too short for its type */
	finish(MADT, "APIC", 56);
	acpi_init(phys(RSDP));
	assert_int_equal(1, acpi.cpus);
}

static void s5_needs_a_name_and_a_package(void **state)
{
	static const u8 no_name[] = { 0x14, '_', 'S', '5', '_', 0x12, 4, 2, 0, 0 };
	static const u8 method[] = { 0x08, '_', 'S', '5', '_', 0x0a, 4, 2, 0, 0 };
	static const u8 rooted[] = { 0x08, '\\', '_', 'S', '5', '_', 0x12, 4, 2, 1, 0x0b, 7, 0 };
	static const u8 cut[] = { 0x08, '_', 'S', '5', '_', 0x12, 0xc4, 0, 0, 0, 2, 0x0c, 1 };

	(void)state;
	put_dsdt(no_name, sizeof(no_name));
	acpi_init(phys(RSDP));
	assert_false(acpi.has_s5);
	put_dsdt(method, sizeof(method));
	acpi_init(phys(RSDP));
	assert_false(acpi.has_s5);
	put_dsdt(cut, sizeof(cut));
	acpi_init(phys(RSDP));
	assert_false(acpi.has_s5);
	put_dsdt(rooted, sizeof(rooted));
	acpi_init(phys(RSDP));
	assert_true(acpi.has_s5);
	assert_int_equal(1 << 10, acpi.slp_typa);
	assert_int_equal(7 << 10, acpi.slp_typb);
}

static void s5_in_an_ssdt_is_found(void **state)
{
	(void)state;
	put_dsdt("", 0);
	memcpy(memory + HPET + 36, s5_aml, sizeof(s5_aml));
	finish(HPET, "SSDT", 36 + sizeof(s5_aml));
	acpi_init(phys(RSDP));
	assert_true(acpi.has_s5);
}

static void extended_addresses_win(void **state)
{
	(void)state;
	put(FADT + 172, 1, 1);
	put(FADT + 176, 0xb004, 8);
	put(FADT + 208, 0, 1); /* in memory: not usable as a port */
	put(FADT + 212, 0xb008, 8);
	put(FADT + 40, 0, 4);
	put(FADT + 140, DSDT, 8);
	finish(FADT, "FACP", 244);
	acpi_init(phys(RSDP));
	assert_int_equal(0xb004, acpi.pm1a_cnt);
	assert_int_equal(0x608, acpi.pm_timer_port);
	assert_true(acpi.has_s5);
}

static void short_fadt_reads_as_zero(void **state)
{
	(void)state;
	finish(FADT, "FACP", 116);
	acpi_init(phys(RSDP));
	assert_int_equal(0x604, acpi.pm1a_cnt);
	assert_true(acpi.has_s5);
	assert_false(acpi.has_reset);
}

static void tables_at_the_end_of_memory_stay_inside(void **state)
{
	u64 last = GIB4 - 40;

	(void)state;
	memset(memory + last, 0, 40);
	put(XSDT + 36, last, 8);
	finish(XSDT, "XSDT", 60);
	finish(last, "APIC", 40);
	acpi_init(phys(RSDP));
	assert_int_equal(1, acpi.cpus);
	put(last + 4, 44, 4); /* sticks out */
	acpi_init(phys(RSDP));
	assert_int_equal(1, acpi.cpus);
	put(XSDT + 36, GIB4 - 20, 8);
	finish(XSDT, "XSDT", 60);
	acpi_init(phys(RSDP));
	put(XSDT + 36, ~0ull - 10, 8);
	finish(XSDT, "XSDT", 60);
	acpi_init(phys(RSDP));
	acpi_init(phys(GIB4 - 20));
	assert_fallback();
}

static int map_memory(void **state)
{
	(void)state;
	memory = mmap(NULL, GIB4 + PAGE_SIZE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return memory == MAP_FAILED || mprotect(memory, GIB4, PROT_READ | PROT_WRITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(everything_is_found_through_the_xsdt, setup),
		cmocka_unit_test_setup(everything_is_found_through_the_rsdt, setup),
		cmocka_unit_test_setup(bad_xsdt_falls_back_to_the_rsdt, setup),
		cmocka_unit_test_setup(without_acpi_there_is_one_cpu, setup),
		cmocka_unit_test_setup(table_with_wrong_sum_is_ignored, setup),
		cmocka_unit_test_setup(overrides_name_pin_and_mode, setup),
		cmocka_unit_test_setup(boot_cpu_comes_first, setup),
		cmocka_unit_test_setup(more_cpus_than_the_kernel_takes_are_left_out, setup),
		cmocka_unit_test_setup(x2apic_entries_count_and_doubles_do_not, setup),
		cmocka_unit_test_setup(truncated_and_empty_entries_end_the_list, setup),
		cmocka_unit_test_setup(s5_needs_a_name_and_a_package, setup),
		cmocka_unit_test_setup(s5_in_an_ssdt_is_found, setup),
		cmocka_unit_test_setup(extended_addresses_win, setup),
		cmocka_unit_test_setup(short_fadt_reads_as_zero, setup),
		cmocka_unit_test_setup(tables_at_the_end_of_memory_stay_inside, setup),
	};

	return cmocka_run_group_tests(tests, map_memory, NULL);
}
