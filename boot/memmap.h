/* SPDX-License-Identifier: MIT */
/*
 * The map of physical memory while booting, and its form in the kernel info page. Pure code.
 *
 * A normalised map is a partition: sorted regions of whole pages that do not overlap and whose
 * equal neighbours are joined; what is in no region is a hole. Whoever takes memory marks it with
 * a type of its own, so that MEM_RAM is always exactly the free memory.
 */
#ifndef BOOT_MEMMAP_H
#define BOOT_MEMMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <l4/sys/memdesc.h>

#define MEMMAP_MAX   384	    /* regions */
#define MEMMAP_LIMIT (512ULL << 30) /* memory from here on is ignored: size of the direct map */
#define MEM_PAGE     4096ULL

/* Of two firmware entries for the same place the one with the higher type counts. */
enum mem_type {
	MEM_HOLE,     /* nothing known: not stored in a map */
	MEM_RAM,      /* free memory */
	MEM_ACPI,     /* ACPI tables */
	MEM_NVS,      /* ACPI non-volatile storage */
	MEM_RESERVED, /* kept by the firmware, or bad */
	MEM_TEMP,     /* used while booting, free afterwards */
	MEM_KERNEL,   /* kernel image, page tables */
	MEM_SIGMA0,   /* segments of sigma0 */
	MEM_ROOT,     /* segments of the root task, modules, module list */
	MEM_RSDP,     /* the ACPI root pointer, at its start */
};

#define MEM_BIT(type) (1u << (type))
/* The types that are usable memory for the hardware. */
#define MEM_BACKED                                                                          \
	(MEM_BIT(MEM_RAM) | MEM_BIT(MEM_TEMP) | MEM_BIT(MEM_KERNEL) | MEM_BIT(MEM_SIGMA0) | \
	 MEM_BIT(MEM_ROOT) | MEM_BIT(MEM_RSDP))

#define MEM_R 4u
#define MEM_W 2u
#define MEM_X 1u

struct mem_region {
	uint64_t start, end; /* bytes, end exclusive */
	uint32_t type;	     /* enum mem_type */
	uint32_t rights;     /* MEM_R | MEM_W | MEM_X for MEM_ROOT, else 0 */
};

struct memmap {
	unsigned count;
	struct mem_region region[MEMMAP_MAX];
};

/*
 * Append an entry of the firmware to a raw map: any order, alignment and overlap.
 * Empty entries are dropped, one that runs over the end of the address space is cut.
 * Returns 0, or -L4_ENOMEM if the map is full.
 */
int memmap_add(struct memmap *raw, uint64_t start, uint64_t size, enum mem_type type);

/*
 * Make a partition of a raw map: RAM loses the pages that it has in part only or shares with
 * another type, the other types get them; nothing is kept from MEMMAP_LIMIT on.
 * Returns 0, or -L4_ENOMEM if the result has too many regions.
 */
int memmap_normalise(const struct memmap *raw, struct memmap *map);

/*
 * Give [start, end) (page multiples) a type, whatever it was before; MEM_HOLE forgets it.
 * Returns 0, or -L4_ENOMEM if the map is full: then it is unchanged but for a split region.
 */
int memmap_mark(struct memmap *map, uint64_t start, uint64_t end, enum mem_type type,
		unsigned rights);

/* Turn all regions of one type into free memory. */
void memmap_release(struct memmap *map, enum mem_type type);

/* Whether every byte / any byte of [start, end) has one of the types (mask of MEM_BIT). */
bool memmap_covers(const struct memmap *map, uint64_t start, uint64_t end, unsigned types);
bool memmap_touches(const struct memmap *map, uint64_t start, uint64_t end, unsigned types);

struct mem_request {
	uint64_t size, align; /* bytes; align is a power of 2, at least a page */
	uint64_t min, max;    /* the block lies in [min, max) */
	bool from_top;	      /* highest instead of lowest place */
};

/*
 * Find free memory; does not mark it.
 * Returns 0 and the address in @start, or -L4_ENOMEM.
 */
int memmap_find(const struct memmap *map, const struct mem_request *request, uint64_t *start);

/* End of the highest region that is usable memory, 0 if there is none. */
uint64_t memmap_top(const struct memmap *map);

/*
 * Write the map as memory descriptors of the kernel info page: all usable memory as conventional,
 * then what is taken from it, as later descriptors override earlier ones. MEM_TEMP counts as free,
 * MEM_RESERVED and holes have no descriptor. If @max is too small, the smallest blocks of memory
 * are left out. Returns the number of descriptors, or -L4_ENOMEM if the taken parts alone are too
 * many.
 */
int memmap_descriptors(const struct memmap *map, l4_kernel_info_mem_desc_t *out, unsigned max);

#endif
