/* SPDX-License-Identifier: MIT */
/* General registers of a context by the numbers that instructions have for them. */
#ifndef GUEST_SHIM_GENERAL_H
#define GUEST_SHIM_GENERAL_H

#include <l4/sys/vcpu.h>

/* number: 0 (ax) to 15 (r15). */
static inline l4_umword_t *general_register(l4_vcpu_regs_t *r, unsigned number)
{
	l4_umword_t *low[] = { &r->ax, &r->cx, &r->dx, &r->bx, &r->sp, &r->bp, &r->si, &r->di };

	return number < 8 ? low[number] : &r->r8 - (number - 8);
}

#endif
