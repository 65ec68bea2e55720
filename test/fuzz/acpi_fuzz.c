/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target for the ACPI parser. The input is XORed over a small valid set of tables, and
 * then the checksums are made right again, because a fuzzer hardly gets past them by itself. Behind
 * 4 GiB nothing is accessible.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "x86_64/platform.h"

/* Physical addresses; tables that the skeleton has. */
enum {
	RSDP = 0x1000,
	XSDT = 0x1040,
	MADT = 0x1100,
	FADT = 0x1200,
	DSDT = 0x1300,
	SSDT = 0x1380,
	HPET = 0x1400,
	IMAGE_MAX = 0x10000,
};
#define GIB4 (1ull << 32)

static u8 *memory;

void *phys_to_virt(phys_t pa)
{
	return memory + pa.v;
}

u32 cpufeat_apic_id(void)
{
	return 0;
}

static void fix_sum(u64 pa, u32 len, u32 at)
{
	u8 sum = 0;

	for (u32 i = 0; i < len; i++)
		sum = (u8)(sum + memory[pa + i]);
	memory[pa + at] = (u8)(memory[pa + at] - sum);
}

/* Make the sums of whatever looks like a table right. */
static void repair(u64 start, u64 size)
{
	static const char *const names[] = {
		"RSDT", "XSDT", "APIC", "FACP", "DSDT", "SSDT", "HPET"
	};

	for (u64 pa = start + size; pa-- > start;)
		for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
			u32 len;

			if (memcmp(memory + pa, names[i], 4) != 0)
				continue;
			memcpy(&len, memory + pa + 4, 4);
			if (len >= 36 && len <= 2 * IMAGE_MAX)
				fix_sum(pa, len, 9);
		}
	memcpy(memory + start, "RSD PTR ", 8);
	fix_sum(start, 20, 8);
	fix_sum(start, 36, 32);
}

static void put(u64 pa, u64 v, unsigned bytes)
{
	memcpy(memory + pa, &v, bytes);
}

static void put_header(u64 pa, const char *signature, u32 len)
{
	memcpy(memory + pa, signature, 4);
	put(pa + 4, len, 4);
}

static void put_s5(u64 pa)
{
	static const u8 aml[] = { 0x08, '_', 'S', '5', '_', 0x12, 6, 4, 0x0a, 5, 0x0a, 5, 0, 0 };

	memcpy(memory + pa, aml, sizeof(aml));
}

static void put_madt_entries(u64 pa)
{
	put(pa, 0x00000800, 8); /* CPU */
	put(pa + 4, 1, 4);
	put(pa + 8, 0x00000c01, 4); /* I/O APIC */
	put(pa + 12, 0xfec00000, 4);
	put(pa + 20, 0x00000a02, 4); /* override */
	put(pa + 30, 0x00000c05, 4); /* local APIC address */
	put(pa + 42, 0x00001009, 4); /* x2APIC */
	put(pa + 50, 1, 4);
}

static void put_skeleton(void)
{
	static const u32 tables[] = { MADT, FADT, HPET, SSDT };

	put(RSDP + 15, 2, 1);
	put(RSDP + 16, XSDT, 4);
	put(RSDP + 24, XSDT, 8);
	put_header(XSDT, "XSDT", 36 + 8 * ARRAY_SIZE(tables));
	for (unsigned i = 0; i < ARRAY_SIZE(tables); i++)
		put(XSDT + 36 + 8 * i, tables[i], 8);
	put_header(MADT, "APIC", 44 + 58);
	put_madt_entries(MADT + 44);
	put_header(FADT, "FACP", 244);
	put(FADT + 40, DSDT, 4);
	put(FADT + 64, 0x604, 4);
	put(FADT + 112, 1 << 10, 4);
	put_header(DSDT, "DSDT", 0x60);
	put_s5(DSDT + 48);
	put_header(SSDT, "SSDT", 0x60);
	put_s5(SSDT + 60);
	put_header(HPET, "HPET", 56);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!memory) {
		memory = mmap(NULL, GIB4 + PAGE_SIZE, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED || mprotect(memory, GIB4, PROT_READ | PROT_WRITE))
			abort();
	}
	if (size > IMAGE_MAX)
		return -1;
	memset(memory + RSDP, 0, 2 * IMAGE_MAX);
	put_skeleton();
	for (size_t i = 0; i < size; i++)
		memory[RSDP + i] ^= data[i];
	repair(RSDP, HPET + 56 - RSDP > size ? HPET + 56 - RSDP : size);
	acpi_init(phys(RSDP));
	if (!acpi.cpus || acpi.cpus > MAX_CPUS || acpi.ioapics > ARRAY_SIZE(acpi.ioapic))
		abort();
	return 0;
}
