/* SPDX-License-Identifier: MIT */
/*
 * Processes of a guest with real page tables, and the microkernel's side of their views: what they
 * show, by the messages that it gets. Processes share the tables of the kernel, which shows all
 * frames twice. The helpers assert what holds at all times.
 */
#ifndef TEST_UNIT_GUEST_VIEWS_H
#define TEST_UNIT_GUEST_VIEWS_H

#include "shim/own.h"
#include "shim/space.h"

enum {
	FRAMES = 1024,
	VCPUS = 2,
	VIEWS = 3,
	SHOWN_MAX = 2048,
	KERNEL_VIEW = 0x1000,
	VIEW_STEP = 0x1000
};

/* Use of the frames: tables of the kernel, then those of processes, one after the other; data. */
enum {
	DIRECT_L3 = 1,
	DIRECT_L2,
	DIRECT_L1,
	IMAGE_L3,
	IMAGE_L2,
	IMAGE_L1,
	LARGE_L1, /* not linked: of frames LARGE on */
	PROCESSES = 8,
	TABLES = 4 /* of a process, from level 4 down */,
	DATA = 64,
	LARGE = 512
};

#define DIRECT 0xffff888000000000UL
#define IMAGE  0xffffffff80000000UL
#define OTHER  0xffff888000100000UL /* shows in the direct map what a test puts there */
#define USER   0x400000UL

#define UPPER	 (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define WRITABLE (PTE_PRESENT | PTE_WRITE | PTE_USER)

struct guest_words {
	_Alignas(4096) uint64_t words[FRAMES][TABLE_ENTRIES];
};

extern struct guest_words memory;
extern struct machine machine;
extern struct guest_start start;
extern struct own owns[VCPUS];

/* A page that a view shows. */
struct shown {
	uint64_t address, frame;
	unsigned rights;
};

struct views_told {
	unsigned fills, entries, drops; /* messages; entries of the last fill; messages */
	unsigned refusals;		/* so many fills from now on find no memory */
};

extern struct views_told told;

/* Everything as at the start, no address space is loaded. A cmocka setup. */
int views_start(void **state);

static inline struct vcpu *vcpu_of(unsigned id)
{
	return &owns[id].v;
}

/* What follows is done by this vCPU; so is what the helpers with an id do. */
void run(unsigned id);

/* Frame of a table of a process. */
uint64_t table_of(unsigned process, unsigned level);

/* The entry of level 1 for an address near USER; physical address of any entry. */
uint64_t *user_entry(unsigned process, uint64_t address);
uint64_t physical(const uint64_t *entry);

static inline uint64_t to_frame(uint64_t frame, uint64_t bits)
{
	return frame << PAGE_SHIFT | bits;
}

/* What a view shows at an address: by base, by what a vCPU has loaded; or NULL. */
struct shown *find_shown(unsigned base, uint64_t address);
const struct shown *seen(unsigned id, uint64_t address);

/* A vCPU sees the frame there, with these rights at least. */
void assert_shows(unsigned id, uint64_t address, uint64_t frame, unsigned rights);

/* Does any entry of the kernel's view let it write to the frame? */
bool is_writable(uint64_t frame);

/* A vCPU loads the tables of a process; has a fault that is filled, or one of its guest's own. */
void switch_to(unsigned id, unsigned process);
void access_page(unsigned id, uint64_t address, unsigned access);
unsigned fault(unsigned id, uint64_t address, unsigned access);

/* A hypercall sets an entry. */
void set_user_entry(unsigned process, uint64_t address, uint64_t entry);

#endif
