/* SPDX-License-Identifier: MIT */
/* Debug registers that guest and debugger share. */
#include "shim/breakpoints.h"

enum { KIND_SHIFT = 16, KIND_BITS = 4, KIND_MASK = 15, ENABLE_MASK = 3, GLOBAL = 2 };

static unsigned kind_shift(unsigned slot)
{
	return KIND_SHIFT + KIND_BITS * slot;
}

static bool is_enabled(uint64_t control, unsigned slot)
{
	return control >> 2 * slot & ENABLE_MASK;
}

/* The last one that nobody uses; if there is none, the last one that is not lent. */
static unsigned find_slot(const struct vcpu *v, uint64_t control)
{
	for (unsigned slot = GUEST_BREAKPOINTS; slot--;)
		if (!v->lent[slot] && !is_enabled(control, slot))
			return slot;
	for (unsigned slot = GUEST_BREAKPOINTS; --slot;)
		if (!v->lent[slot])
			return slot;
	return 0;
}

static void lend(struct vcpu *v, unsigned number, uint64_t *addresses, uint64_t *control)
{
	const struct guest_breakpoint *b = &v->machine->start->breakpoints[number];
	unsigned slot = find_slot(v, *control);

	v->lent[slot] = (uint8_t)(number + 1);
	addresses[slot] = b->address;
	*control &= ~((uint64_t)ENABLE_MASK << 2 * slot | (uint64_t)KIND_MASK << kind_shift(slot));
	*control |= (uint64_t)GLOBAL << 2 * slot;
	*control |= (uint64_t)(b->kind & KIND_MASK) << kind_shift(slot);
}

/* Bits that enable those for data. */
static uint64_t data_enabled(uint64_t control)
{
	uint64_t bits = 0;

	for (unsigned slot = 0; slot < GUEST_BREAKPOINTS; slot++)
		if (control >> kind_shift(slot) & KIND_MASK)
			bits |= (uint64_t)ENABLE_MASK << 2 * slot;
	return bits;
}

void breakpoints_merge(struct vcpu *v, uint64_t *addresses, uint64_t *control)
{
	*control = v->dr[BREAKPOINTS_CONTROL];
	for (unsigned slot = 0; slot < GUEST_BREAKPOINTS; slot++) {
		addresses[slot] = v->dr[slot];
		v->lent[slot] = 0;
	}
	for (unsigned i = 0; i < GUEST_BREAKPOINTS; i++)
		if (v->machine->start->breakpoints[i].used)
			lend(v, i, addresses, control);
	if (v->machine->start->stepping >> v->id & 1)
		*control &= ~data_enabled(*control);
}

unsigned breakpoints_take(const struct vcpu *v, uint64_t *status)
{
	unsigned taken = 0;

	for (unsigned slot = 0; slot < GUEST_BREAKPOINTS; slot++) {
		uint64_t bit = 1UL << slot;

		if (!v->lent[slot] || !(*status & bit))
			continue;
		taken |= 1U << (v->lent[slot] - 1);
		*status &= ~bit;
	}
	for (unsigned slot = 0; taken && slot < GUEST_BREAKPOINTS; slot++)
		if (!is_enabled(v->dr[BREAKPOINTS_CONTROL], slot))
			*status &= ~(1UL << slot);
	return taken;
}
