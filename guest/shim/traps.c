/* SPDX-License-Identifier: MIT */
/* Entries to the guest's kernel and its returns. */
#include <l4/zwinger/wellknown.h>

#include "shim/pte.h"
#include "shim/segments.h"
#include "shim/traps.h"

enum { STACK_ALIGN = 16 };

/* Bits of the flags that a guest has; bit 1 is always set. */
#define GUEST_FLAGS \
	(0xcd5UL | FLAG_TRAP | FLAG_DIRECTION | FLAG_NESTED | FLAG_RESUME | FLAG_ALIGN | 1UL << 21)

void traps_set(struct traps *t, const struct xen_trap_info *entry)
{
	t->vectors[entry->vector] = (struct entry_point){ entry->address, entry->flags };
}

void traps_set_all(struct traps *t, const struct xen_trap_info *table)
{
	for (unsigned i = 0; i < XEN_TRAPS; i++)
		t->vectors[i] = (struct entry_point){ 0 };
	for (unsigned i = 0; i < XEN_TRAPS; i++)
		if (table[i].address)
			traps_set(t, &table[i]);
}

static int check_callback(unsigned type)
{
	switch (type) {
	case XEN_CALLBACK_EVENT:
	case XEN_CALLBACK_FAILSAFE:
	case XEN_CALLBACK_SYSCALL:
	case XEN_CALLBACK_SYSENTER:
	case XEN_CALLBACK_SYSCALL32:
		return 0;
	case XEN_CALLBACK_NMI:
		return -XEN_ENOSYS;
	default:
		return -XEN_EINVAL;
	}
}

int traps_register(struct traps *t, const struct xen_callback_register *r)
{
	int error = check_callback(r->type);
	bool mask = r->type == XEN_CALLBACK_EVENT || r->flags & XEN_CALLBACK_MASK_EVENTS;

	if (error)
		return error;
	t->callbacks[r->type] = (struct entry_point){ r->address, mask ? XEN_TRAP_MASK_EVENTS : 0 };
	return 0;
}

int traps_unregister(struct traps *t, unsigned type)
{
	int error = check_callback(type);

	if (!error)
		t->callbacks[type] = (struct entry_point){ 0 };
	return error;
}

bool traps_may_int(const struct traps *t, uint8_t vector, uint32_t *error)
{
	*error = vector * 8U + 2;
	return t->vectors[vector].address &&
	       (t->vectors[vector].flags & XEN_TRAP_PRIVILEGE) == TRAPS_PRIVILEGE;
}

void upcall_build(const struct interrupted *i, uint64_t kernel_rsp, struct upcall *u)
{
	u->count = 7 + i->with_error + (i->failsafe ? 4 : 0);
	upcall_store(i, u->words + u->count);
	u->rsp = ((i->user ? kernel_rsp : i->rsp) & -(uint64_t)STACK_ALIGN) - 8UL * u->count;
	u->rflags = upcall_flags(i);
}

static bool is_code64(uint16_t selector)
{
	return selector == L4_ZW_USER_CS64 || selector == XEN_CS64;
}

static bool is_code(uint16_t selector)
{
	return is_code64(selector) || selector == L4_ZW_USER_CS32 || selector == XEN_CS32 ||
	       selector & SELECTOR_LOCAL;
}

/* The entries of a thread are data. */
static bool is_stack(uint16_t selector)
{
	unsigned entry = selector >> 3;

	return selector == L4_ZW_USER_DS || selector == XEN_SS || selector & SELECTOR_LOCAL ||
	       (entry >= GDT_THREAD_FIRST && entry <= GDT_THREAD_LAST);
}

bool traps_may_return(uint64_t rip, uint16_t cs, uint16_t ss, uint32_t *error)
{
	*error = 0;
	if (!is_code(cs))
		*error = cs & SELECTOR_ENTRY;
	else if (!is_stack(ss))
		*error = ss & SELECTOR_ENTRY;
	return is_code(cs) && is_stack(ss) && (!is_code64(cs) || canonical(rip) == rip);
}

void iret_decode(const struct xen_iret_frame *frame, struct guest_return *r)
{
	r->user = (frame->cs & TRAPS_PRIVILEGE) == TRAPS_PRIVILEGE;
	r->masked = !(frame->rflags & FLAG_INTERRUPT);
	r->rip = frame->rip;
	r->rsp = frame->rsp;
	r->cs = frame->cs | TRAPS_PRIVILEGE;
	r->ss = frame->ss | TRAPS_PRIVILEGE;
	r->rflags = (frame->rflags & GUEST_FLAGS) | FLAG_INTERRUPT | 2;
	r->rax = frame->rax;
	r->rcx = frame->rcx;
	r->r11 = frame->r11;
}
