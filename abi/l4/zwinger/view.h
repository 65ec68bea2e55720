/* SPDX-License-Identifier: MIT */
/*
 * View: an address space that is a cache of its home task. An entry never gives more than the
 * home task's own mapping gives at that moment, and it is gone before a revoke of that mapping
 * returns. The kernel may drop any entry at any time (its page-table quota is short, or a revoke
 * drops more than needed): a missing entry is a page fault, to be filled again. A fault may also be
 * left over from an entry that was filled since. Access through a view does not count as access of
 * the home's mapping (the flags that unmap reports).
 *
 * A vCPU of the home task executes in views, see vcpu_ext.h: which view an entry is in decides in
 * which modes of the guest it is visible.
 *
 * Requests have label L4_PROTO_VIEW, opcode in bits 0..15 of word 0. Fill and drop need the W right
 * (-L4_EPERM).
 */
#ifndef L4_ZWINGER_VIEW_H
#define L4_ZWINGER_VIEW_H

#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>

enum { L4_PROTO_VIEW = -64 };

enum L4_zw_view_ops {
	L4_ZW_VIEW_FILL_OP = 0, /* pairs (entry); reply w0 = entries filled */
	L4_ZW_VIEW_DROP_OP = 1, /* pairs (start, bytes); none = everything */
	L4_ZW_VIEW_INFO_OP = 2, /* reply w0 pages used, w1 limit, w2 forced drops */
	L4_ZW_VIEW_OPCODE_MASK = 0xffff
};

/* Pairs that one message carries behind the opcode. */
enum { L4_ZW_VIEW_PAIRS_MAX = (L4_UTCB_GENERIC_DATA_SIZE - 1) / 2 };

/* Word guest of an entry: page address bits 12 up, order - 12 bits 4..9, rights bits 0..3. */
enum L4_zw_view_entry_bits {
	L4_ZW_VIEW_RIGHTS_MASK = 0x00f, /* L4_fpage_rights: R 4, W 2, X 1 */
	L4_ZW_VIEW_ORDER_SHIFT = 4,
	L4_ZW_VIEW_ORDER_MASK = 0x3f0,
	L4_ZW_VIEW_ORDER_BASE = L4_PAGESHIFT
};

typedef struct l4_zw_view_entry_t {
	l4_umword_t guest;
	l4_umword_t home; /* page address; bits 0..11 are 0 */
} l4_zw_view_entry_t;

/* In bits 0..11 of the start of a range. */
enum L4_zw_view_drop_bits {
	L4_ZW_VIEW_DROP_W = 0x002 /* entries stay, but do not allow writing any more */
};

typedef struct l4_zw_view_range_t {
	l4_umword_t start; /* guest address, page aligned, plus L4_zw_view_drop_bits */
	l4_umword_t size;  /* bytes, multiple of a page */
} l4_zw_view_range_t;

typedef struct l4_zw_view_info_t {
	l4_umword_t pages_used;	  /* page-table pages */
	l4_umword_t pages_limit;  /* what the quota allows */
	l4_umword_t forced_drops; /* times entries were dropped for want of quota */
} l4_zw_view_info_t;

L4_STATIC_ASSERT(L4_ZW_VIEW_PAIRS_MAX == 31);
L4_STATIC_ASSERT(sizeof(l4_zw_view_entry_t) == 16 && sizeof(l4_zw_view_range_t) == 16);

/*
 * Entry: 2^order bytes at the guest address show what the home task has at home; both addresses are
 * multiples of 2^order. Orders: 12..15 (one page, or a run of 4 KiB pages), 21 and 30 (the home
 * must have a page of that size or more, and the same alignment). The last page of the lower half,
 * 0x7ffffffff000, cannot be part of an entry (-L4_EINVAL). rights of L4_fpage_rights, of
 * which the home must have all.
 */
L4_INLINE l4_zw_view_entry_t l4_zw_view_entry(l4_addr_t guest, l4_addr_t home, unsigned order,
					      unsigned rights) L4_NOTHROW
{
	l4_zw_view_entry_t e;
	unsigned order_field = (order - L4_ZW_VIEW_ORDER_BASE) << L4_ZW_VIEW_ORDER_SHIFT;

	e.guest = (guest & L4_PAGEMASK) | (order_field & L4_ZW_VIEW_ORDER_MASK) |
		  (rights & L4_ZW_VIEW_RIGHTS_MASK);
	e.home = home & L4_PAGEMASK;
	return e;
}

/* Guest address of an entry. */
L4_INLINE l4_addr_t l4_zw_view_entry_guest(l4_zw_view_entry_t e) L4_NOTHROW
{
	return e.guest & L4_PAGEMASK;
}

/* Home address of an entry. */
L4_INLINE l4_addr_t l4_zw_view_entry_home(l4_zw_view_entry_t e) L4_NOTHROW
{
	return e.home & L4_PAGEMASK;
}

/* log2 of an entry's bytes: 12..75, so check it against what the addresses allow. */
L4_INLINE unsigned l4_zw_view_entry_order(l4_zw_view_entry_t e) L4_NOTHROW
{
	return (((unsigned)e.guest & L4_ZW_VIEW_ORDER_MASK) >> L4_ZW_VIEW_ORDER_SHIFT) +
	       L4_ZW_VIEW_ORDER_BASE;
}

/* Rights of an entry, as in L4_fpage_rights. */
L4_INLINE unsigned l4_zw_view_entry_rights(l4_zw_view_entry_t e) L4_NOTHROW
{
	return (unsigned)e.guest & L4_ZW_VIEW_RIGHTS_MASK;
}

/*
 * Create a view of home_task_cap (W right) with quota_bytes (at least 64 KiB) for its page tables,
 * into the empty slot target_cap. The message is that of a gate: protocol, one unsigned argument,
 * task item. -L4_EPERM, -L4_EINVAL (not a task), -L4_ENOMEM.
 */
L4_INLINE l4_msgtag_t l4_zw_factory_create_view_u(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						  l4_cap_idx_t home_task_cap,
						  l4_umword_t quota_bytes,
						  l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msgtag_t tag = l4_factory_create_start_u(L4_PROTO_VIEW, target_cap, utcb);

	l4_factory_create_add_uint_u(quota_bytes, &tag, utcb);
	l4_factory_create_add_obj_u(home_task_cap, &tag, utcb);
	return l4_factory_create_commit_u(factory, tag, utcb);
}

/* l4_zw_factory_create_view_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_factory_create_view(l4_cap_idx_t factory, l4_cap_idx_t target_cap,
						l4_cap_idx_t home_task_cap,
						l4_umword_t quota_bytes) L4_NOTHROW
{
	return l4_zw_factory_create_view_u(factory, target_cap, home_task_cap, quota_bytes,
					   l4_utcb());
}

/*
 * Fill count entries (up to L4_ZW_VIEW_PAIRS_MAX, else -L4_EMSGTOOLONG) in order; an entry that is
 * there is replaced. *filled, if not NULL, = entries filled: all of them, or those before the first
 * one that the home task's mapping does not allow (-L4_EFAULT) or that is malformed (-L4_EINVAL).
 */
L4_INLINE l4_msgtag_t l4_zw_view_fill_u(l4_cap_idx_t view, l4_zw_view_entry_t const *entries,
					unsigned count, unsigned *filled,
					l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	if (filled)
		*filled = 0;
	if (count > L4_ZW_VIEW_PAIRS_MAX)
		return l4_msgtag(-L4_EMSGTOOLONG, 0, 0, 0);
	v->mr[0] = L4_ZW_VIEW_FILL_OP;
	for (unsigned i = 0; i < count; i++) {
		v->mr[1 + 2 * i] = entries[i].guest;
		v->mr[2 + 2 * i] = entries[i].home;
	}
	res = l4_obj_call_u(view, L4_PROTO_VIEW, 1 + 2 * count, 0, utcb);
	if (filled && !l4_msgtag_has_error(res) && l4_msgtag_words(res))
		*filled = (unsigned)v->mr[0];
	return res;
}

/* l4_zw_view_fill_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_view_fill(l4_cap_idx_t view, l4_zw_view_entry_t const *entries,
				      unsigned count, unsigned *filled) L4_NOTHROW
{
	return l4_zw_view_fill_u(view, entries, count, filled, l4_utcb());
}

/*
 * Drop what covers the count ranges (1 up to L4_ZW_VIEW_PAIRS_MAX, else -L4_EMSGTOOLONG; 0 sends
 * nothing and succeeds), each in one half of the address space, start and size multiples of a page
 * and size not 0 (else -L4_EINVAL, and nothing is dropped). A large entry that a range touches goes
 * as a whole; where a range is long, everything may go. With L4_ZW_VIEW_DROP_W added to its start,
 * a range loses the right to write only.
 */
L4_INLINE l4_msgtag_t l4_zw_view_drop_u(l4_cap_idx_t view, l4_zw_view_range_t const *ranges,
					unsigned count, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	if (count == 0 || count > L4_ZW_VIEW_PAIRS_MAX)
		return l4_msgtag(count ? -L4_EMSGTOOLONG : 0, 0, 0, 0);
	v->mr[0] = L4_ZW_VIEW_DROP_OP;
	for (unsigned i = 0; i < count; i++) {
		v->mr[1 + 2 * i] = ranges[i].start;
		v->mr[2 + 2 * i] = ranges[i].size;
	}
	return l4_obj_call_u(view, L4_PROTO_VIEW, 1 + 2 * count, 0, utcb);
}

/* l4_zw_view_drop_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_view_drop(l4_cap_idx_t view, l4_zw_view_range_t const *ranges,
				      unsigned count) L4_NOTHROW
{
	return l4_zw_view_drop_u(view, ranges, count, l4_utcb());
}

/* Drop all entries. */
L4_INLINE l4_msgtag_t l4_zw_view_drop_all_u(l4_cap_idx_t view, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_utcb_mr_u(utcb)->mr[0] = L4_ZW_VIEW_DROP_OP;
	return l4_obj_call_u(view, L4_PROTO_VIEW, 1, 0, utcb);
}

/* l4_zw_view_drop_all_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_view_drop_all(l4_cap_idx_t view) L4_NOTHROW
{
	return l4_zw_view_drop_all_u(view, l4_utcb());
}

/* *info = use of the quota, on success. */
L4_INLINE l4_msgtag_t l4_zw_view_info_u(l4_cap_idx_t view, l4_zw_view_info_t *info,
					l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_ZW_VIEW_INFO_OP;
	res = l4_obj_call_u(view, L4_PROTO_VIEW, 1, 0, utcb);
	if (l4_error_u(res, utcb) < 0)
		return res;
	info->pages_used = v->mr[0];
	info->pages_limit = v->mr[1];
	info->forced_drops = v->mr[2];
	return res;
}

/* l4_zw_view_info_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_zw_view_info(l4_cap_idx_t view, l4_zw_view_info_t *info) L4_NOTHROW
{
	return l4_zw_view_info_u(view, info, l4_utcb());
}

#endif
