/* SPDX-License-Identifier: MIT */
/* Finds and keeps the ACPI root pointer. */
#include "rsdp.h"

#include "identity.h"
#include "lib.h"
#include "place.h"

#define SIGNATURE	"RSD PTR "
#define SIGNATURE_SIZE	8
#define OLD_SIZE	20 /* bytes of the ACPI 1.0 structure, covered by its checksum */
#define EBDA_SEGMENT	0x40e
#define EBDA_SIZE	1024
#define BIOS_START	0xe0000
#define BIOS_END	0x100000
#define BIOS_DATA_LIMIT 0xa0000

/* Start of the EFI system table and its configuration table (UEFI 2.10, 4.3 and 4.6). */
struct efi_system_table {
	uint64_t signature;
	uint64_t other[12];
	uint64_t entries, table;
};

struct efi_entry {
	uint64_t guid[2];
	uint64_t address;
};

#define EFI_SIGNATURE 0x5453595320494249ULL /* "IBI SYST" */
#define EFI_ENTRIES   256

static const uint64_t guid_acpi2[2] = { 0x11d3e4f18868e871, 0x81883cc7800022bc };
static const uint64_t guid_acpi1[2] = { 0x11d32d88eb9d2d30, 0x4dc13f279000169a };

static int is_rsdp(uint64_t phys)
{
	const uint8_t *p = phys_ptr(phys);
	uint8_t sum = 0;

	if (memcmp(p, SIGNATURE, SIGNATURE_SIZE) != 0)
		return 0;
	for (unsigned i = 0; i < OLD_SIZE; i++)
		sum += p[i];
	return sum == 0;
}

static uint64_t scan(uint64_t start, uint64_t end)
{
	for (uint64_t at = start; at < end; at += 16)
		if (*(const char *)phys_ptr(at) == SIGNATURE[0] && is_rsdp(at))
			return at;
	return 0;
}

static uint64_t scan_bios(void)
{
	uint64_t ebda = (uint64_t) * (const volatile uint16_t *)phys_ptr(EBDA_SEGMENT) << 4;
	uint64_t found = 0;

	if (ebda >= 0x400 && ebda <= BIOS_DATA_LIMIT - EBDA_SIZE)
		found = scan(ebda, ebda + EBDA_SIZE);
	return found ? found : scan(BIOS_START, BIOS_END);
}

static uint64_t efi_lookup(const struct efi_system_table *st, const uint64_t *guid)
{
	const struct efi_entry *e = phys_ptr(st->table);

	for (uint64_t i = 0; i < st->entries; i++) {
		if (memcmp(e[i].guid, guid, sizeof(e->guid)) != 0)
			continue;
		identity_map(e[i].address, RSDP_SIZE);
		if (is_rsdp(e[i].address))
			return e[i].address;
	}
	return 0;
}

static uint64_t scan_efi(uint64_t table)
{
	const struct efi_system_table *st = phys_ptr(table);
	uint64_t found;

	if (!table)
		return 0;
	identity_map(table, sizeof(*st));
	if (st->signature != EFI_SIGNATURE || st->entries > EFI_ENTRIES)
		return 0;
	identity_map(st->table, st->entries * sizeof(struct efi_entry));
	found = efi_lookup(st, guid_acpi2);
	return found ? found : efi_lookup(st, guid_acpi1);
}

static uint64_t find(const struct boot_params *params)
{
	uint64_t found = params->rsdp;

	if (!found)
		found = scan_efi(params->efi_system_table);
	return found ? found : scan_bios();
}

void rsdp_read(struct boot_params *params)
{
	uint64_t found = find(params);

	if (!found)
		return;
	identity_map(found, RSDP_SIZE);
	memcpy(params->rsdp_copy, phys_ptr(found), RSDP_SIZE);
	params->rsdp_copy_size = RSDP_SIZE;
}

uint64_t rsdp_place(const struct boot_params *params, struct memmap *map)
{
	struct mem_request request = { .size = MEM_PAGE,
				       .align = MEM_PAGE,
				       .min = PLACE_MIN,
				       .max = PLACE_MAX,
				       .from_top = true };
	uint64_t at;

	if (!params->rsdp_copy_size)
		return 0;
	at = find_memory(map, &request, "the ACPI root pointer");
	claim(map, at, at + MEM_PAGE, MEM_RSDP, 0);
	memset(phys_ptr(at), 0, MEM_PAGE);
	memcpy(phys_ptr(at), params->rsdp_copy, params->rsdp_copy_size);
	return at;
}
