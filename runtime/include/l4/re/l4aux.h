/* SPDX-License-Identifier: MIT */
/* What a loader tells beside the environment: entry 0xf0 of the auxiliary vector. */
#ifndef L4_RE_L4AUX_H
#define L4_RE_L4AUX_H

#include <l4/sys/types.h>

enum l4re_aux_ldr_flags_t {
	L4RE_AUX_LDR_FLAG_EAGER_MAP = 1,    /* map all segments at the start */
	L4RE_AUX_LDR_FLAG_ALL_SEGS_COW = 2, /* copy read-only segments too */
	L4RE_AUX_LDR_FLAG_PINNED_SEGS = 4   /* segments in pinned memory */
};

typedef struct l4re_aux_t {
	char const *binary;    /* path of the program */
	l4_cap_idx_t kip_ds;   /* dataspace of the kernel info page */
	l4_umword_t dbg_lvl;   /* debug messages of the loader */
	l4_umword_t ldr_flags; /* of l4re_aux_ldr_flags_t */
	l4_addr_t ldr_base;    /* load address minus link address */
} l4re_aux_t;

#endif
