/* SPDX-License-Identifier: MIT */
/* The hypercall that leads to capabilities of the virtual machine. */
#include <l4/sys/ipc.h>

#include "guest/outside.h"
#include "shim/access.h"
#include "shim/calls.h"

/* A message between the guest's memory and the vCPU's UTCB. Access to guest memory may fill views,
 * which needs the UTCB, so one is never touched while the other is in use. */
struct message {
	l4_umword_t words[L4_UTCB_GENERIC_DATA_SIZE];
	l4_umword_t error;
};

static l4_utcb_t *own_utcb(const struct vcpu *v)
{
	return (l4_utcb_t *)v->machine->start->vcpu[v->id].utcb;
}

static long give_cap(struct vcpu *v, uint64_t number, uint64_t to)
{
	const struct guest_cap *c = v->machine->start->caps;
	struct outside_cap answer = { 0 };

	if (number >= GUEST_CAPS_MAX || !c[number].name[0])
		return -XEN_ENOENT;
	answer.selector = c[number].cap;
	for (unsigned i = 0; i < OUTSIDE_NAME_BYTES - 1; i++)
		answer.name[i] = c[number].name[i];
	return guest_write(v, to, &answer, sizeof(answer)) ? 0 : -XEN_EFAULT;
}

static bool is_given(const struct vcpu *v, l4_cap_idx_t selector)
{
	const struct guest_cap *c = v->machine->start->caps;

	for (unsigned i = 0; i < GUEST_CAPS_MAX && c[i].name[0]; i++)
		if (c[i].cap == selector)
			return true;
	return false;
}

static l4_msgtag_t invoke(l4_utcb_t *utcb, l4_umword_t dest, l4_msgtag_t tag, l4_timeout_t timeout,
			  struct message *m)
{
	unsigned words = l4_msgtag_words(tag);

	for (unsigned i = 0; i < words; i++)
		l4_utcb_mr_u(utcb)->mr[i] = m->words[i];
	l4_utcb_br_u(utcb)->bdr = 0;
	l4_utcb_br_u(utcb)->br[0] = 0;
	tag = l4_ipc(dest & L4_CAP_MASK, utcb, dest & ~L4_CAP_MASK, 0, tag, NULL, timeout);
	for (unsigned i = 0; i < L4_UTCB_GENERIC_DATA_SIZE; i++)
		m->words[i] = l4_utcb_mr_u(utcb)->mr[i];
	m->error = l4_utcb_tcr_u(utcb)->error;
	return tag;
}

/* The failure that a capability that is not there has. */
static long no_object(struct vcpu *v, uint64_t utcb)
{
	const l4_umword_t error = L4_IPC_ENOT_EXISTENT;

	guest_write(v, utcb + offsetof(l4_utcb_t, tcr.error), &error, sizeof(error));
	return l4_msgtag(0, 0, 0, L4_MSGTAG_ERROR).raw;
}

static long ipc(struct vcpu *v, l4_umword_t dest, uint64_t utcb, l4_msgtag_t tag,
		l4_timeout_t timeout)
{
	l4_umword_t phases = dest & ~L4_CAP_MASK;
	unsigned words = l4_msgtag_words(tag);
	struct message m;

	if (l4_msgtag_items(tag) || words > L4_UTCB_GENERIC_DATA_SIZE ||
	    (phases != L4_SYSF_SEND && phases != L4_SYSF_CALL) ||
	    !is_given(v, dest & L4_CAP_MASK) || !guest_read(v, m.words, utcb, words * 8UL))
		return no_object(v, utcb);
	tag = invoke(own_utcb(v), dest, tag, timeout, &m);
	words = l4_msgtag_has_error(tag) || phases == L4_SYSF_SEND ? 0 : l4_msgtag_words(tag);
	if (words > L4_UTCB_GENERIC_DATA_SIZE || !guest_write(v, utcb, m.words, words * 8UL) ||
	    !guest_write(v, utcb + offsetof(l4_utcb_t, tcr.error), &m.error, sizeof(m.error)))
		return no_object(v, utcb);
	return tag.raw;
}

/* outside(operation, ...): see guest/outside.h */
long call_outside(struct vcpu *v, const uint64_t *args)
{
	switch (args[0]) {
	case OUTSIDE_VERSION:
		return OUTSIDE_VERSION_NUMBER;
	case OUTSIDE_CAP:
		return give_cap(v, args[1], args[2]);
	case OUTSIDE_IPC:
		return ipc(v, args[1], args[2], (l4_msgtag_t){ (l4_mword_t)args[3] },
			   (l4_timeout_t){ (l4_uint32_t)args[4] });
	default:
		return -XEN_ENOSYS;
	}
}
