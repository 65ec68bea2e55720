/* SPDX-License-Identifier: MIT */
/* Region maps: what is where in the address space of a program; its pager and fault handler. */
#ifndef MOE_RM_H
#define MOE_RM_H

#include <l4/zwinger/rm.h>
#include "dataspace.h"
#include "region.h"

/* A program that faults for ever must not keep moe printing. */
enum { MAPPING_NAME = 40, RM_NAME = 32, RM_REPORTS_MAX = 16 };

/* A region with something in it. */
struct mapping {
	struct region region; /* first */
	uint32_t flags;	      /* L4RE_RM_F_*, without those of the attach call alone */
	uint64_t offset;      /* of region.start in the dataspace */
	struct reference dataspace;
	l4_umword_t client_cap;	 /* the client's own name of the dataspace */
	uint64_t backing_offset; /* told by the client */
	char name[MAPPING_NAME]; /* cut */
};

/* A reserved range: only attaches that ask for it go there. */
struct area {
	struct region region; /* first */
	uint32_t flags;
};

struct rm {
	struct object object;
	struct region_tree mappings, areas;
	char name[RM_NAME];	/* of the program, for reports */
	l4_cap_idx_t parent;	/* interrupt of the parent for faults, or invalid */
	l4_zw_rm_fault_t fault; /* the first one; signal 0: none */
	unsigned reports;	/* printed so far */
	bool handled;		/* the program answers to faults itself */
	bool upper;		/* the task can have the upper half */
};

extern const struct server_class rm_class;

/* A new region map; upper: the upper half can be attached to, too. NULL: no memory. */
struct rm *rm_create(struct factory *f, bool upper);

/* The mapping at an address, NULL: none. */
struct mapping *rm_find(const struct rm *rm, uint64_t address);

/* Read 8 bytes of the program as far as there is memory; false: there is none. */
bool rm_read_word(const struct rm *rm, uint64_t address, uint64_t *word);

/* --- rm_attach.c --- */
server_handler rm_attach, rm_detach, rm_replace, rm_reserve_area, rm_free_area;
/* Remove some regions and areas. True: all are gone. */
bool rm_remove_some(struct rm *rm);

/* --- rm_fault.c --- */
server_handler rm_page_fault, rm_io_fault, rm_exception, rm_page_in, rm_set_parent, rm_get_fault,
    rm_set_handled;

/* --- report.c --- */
/* Print registers, mapping and back-trace of an exception in the message registers (kept). */
void report_exception(const struct rm *rm);

#endif
