/* SPDX-License-Identifier: MIT */
/* Message tag, protocol numbers and capability selectors. */
#ifndef L4_SYS_TYPES_H
#define L4_SYS_TYPES_H

#include <l4/sys/l4int.h>
#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>

/* Protocol of a request: the label of its tag. */
enum L4_msgtag_protocol {
	L4_PROTO_NONE = 0,
	L4_PROTO_ALLOW_SYSCALL = 1, /* reply to an alien's exception: let the system call pass */
	L4_PROTO_PF_EXCEPTION = 1,
	L4_PROTO_IRQ = -1,
	L4_PROTO_PAGE_FAULT = -2,
	L4_PROTO_EXCEPTION = -5,
	L4_PROTO_SIGMA0 = -6,
	L4_PROTO_IO_PAGE_FAULT = -8,
	L4_PROTO_THREAD_GROUP = -9,
	L4_PROTO_KOBJECT = -10,
	L4_PROTO_TASK = -11,
	L4_PROTO_THREAD = -12,
	L4_PROTO_LOG = -13,
	L4_PROTO_SCHEDULER = -14,
	L4_PROTO_FACTORY = -15,
	L4_PROTO_VM = -16,
	L4_PROTO_DMA_SPACE = -17,
	L4_PROTO_IRQ_SENDER = -18,
	L4_PROTO_EMPTY = -19,
	L4_PROTO_SEMAPHORE = -20,
	L4_PROTO_META = -21,
	L4_PROTO_IOMMU = -22,
	L4_PROTO_DEBUGGER = -23,
	L4_PROTO_SMCCC = -24,
	L4_PROTO_VCPU_CONTEXT = -25
};

/* Kinds of variable arguments of a factory request; the header word is kind | bytes << 16. */
enum L4_varg_type {
	L4_VARG_TYPE_NIL = 0x00,
	L4_VARG_TYPE_UMWORD = 0x01,
	L4_VARG_TYPE_MWORD = 0x81,
	L4_VARG_TYPE_STRING = 0x02,
	L4_VARG_TYPE_FPAGE = 0x03,
	L4_VARG_TYPE_SIGN = 0x80
};

enum L4_msgtag_flags {
	L4_MSGTAG_TRANSFER_FPU = 0x1000, /* hand over the FPU state */
	L4_MSGTAG_SCHEDULE = 0x2000,	 /* do not give the time slice to the receiver */
	L4_MSGTAG_PROPAGATE = 0x4000,	 /* passed through without effect */
	L4_MSGTAG_ERROR = 0x8000,	 /* result: see the error word of the UTCB */
	L4_MSGTAG_FLAGS = 0xf000
};

/* Message tag: words bits 0..5, items 6..11, flags 12..15, label (signed) 16..63. */
typedef struct l4_msgtag_t {
	l4_mword_t raw;
} l4_msgtag_t;

/* Capability selector: index << L4_CAP_SHIFT, or L4_INVALID_CAP. */
typedef unsigned long l4_cap_idx_t;

/* Build a tag; words and items up to 63, flags of L4_msgtag_flags. */
L4_INLINE l4_msgtag_t l4_msgtag(long label, unsigned words, unsigned items,
				unsigned flags) L4_NOTHROW
{
	l4_msgtag_t tag;

	tag.raw = (l4_mword_t)(((l4_umword_t)label << 16) | (flags & L4_MSGTAG_FLAGS) |
			       ((items & 0x3f) << 6) | (words & 0x3f));
	return tag;
}

/* Label of a tag: protocol of a request, result of a reply. */
L4_INLINE long l4_msgtag_label(l4_msgtag_t t) L4_NOTHROW
{
	return t.raw >> 16;
}

/* Number of untyped words. */
L4_INLINE unsigned l4_msgtag_words(l4_msgtag_t t) L4_NOTHROW
{
	return (unsigned)t.raw & 0x3f;
}

/* Number of typed items, each of two words after the untyped ones. */
L4_INLINE unsigned l4_msgtag_items(l4_msgtag_t t) L4_NOTHROW
{
	return ((unsigned)t.raw >> 6) & 0x3f;
}

/* Flags, as in L4_msgtag_flags. */
L4_INLINE unsigned l4_msgtag_flags(l4_msgtag_t t) L4_NOTHROW
{
	return (unsigned)t.raw & L4_MSGTAG_FLAGS;
}

/* Not 0 if the operation failed as IPC; then the error word of the UTCB says why. */
L4_INLINE unsigned l4_msgtag_has_error(l4_msgtag_t t) L4_NOTHROW
{
	return (unsigned)t.raw & L4_MSGTAG_ERROR;
}

/* Not 0 if the message is a page fault sent by the kernel. */
L4_INLINE unsigned l4_msgtag_is_page_fault(l4_msgtag_t t) L4_NOTHROW
{
	return l4_msgtag_label(t) == L4_PROTO_PAGE_FAULT;
}

/* Not 0 if the message is an exception sent by the kernel. */
L4_INLINE unsigned l4_msgtag_is_exception(l4_msgtag_t t) L4_NOTHROW
{
	return l4_msgtag_label(t) == L4_PROTO_EXCEPTION;
}

/* Not 0 if the message is a sigma0 request. */
L4_INLINE unsigned l4_msgtag_is_sigma0(l4_msgtag_t t) L4_NOTHROW
{
	return l4_msgtag_label(t) == L4_PROTO_SIGMA0;
}

/* Not 0 if the message is an I/O port fault sent by the kernel. */
L4_INLINE unsigned l4_msgtag_is_io_page_fault(l4_msgtag_t t) L4_NOTHROW
{
	return l4_msgtag_label(t) == L4_PROTO_IO_PAGE_FAULT;
}

/* Not 0 if the selector means "no capability". */
L4_INLINE unsigned l4_is_invalid_cap(l4_cap_idx_t c) L4_NOTHROW
{
	return (unsigned)c & L4_INVALID_CAP_BIT;
}

/* 1 if the selector has an index, whether or not the slot is filled. */
L4_INLINE unsigned l4_is_valid_cap(l4_cap_idx_t c) L4_NOTHROW
{
	return !(c & L4_INVALID_CAP_BIT);
}

/* 1 if two valid selectors have the same index. */
L4_INLINE unsigned l4_capability_equal(l4_cap_idx_t c1, l4_cap_idx_t c2) L4_NOTHROW
{
	return c1 >> L4_CAP_SHIFT == c2 >> L4_CAP_SHIFT;
}

/* Selector of the slot after c. */
L4_INLINE l4_cap_idx_t l4_capability_next(l4_cap_idx_t c) L4_NOTHROW
{
	return c + L4_CAP_OFFSET;
}

L4_STATIC_ASSERT(sizeof(l4_msgtag_t) == 8 && sizeof(l4_cap_idx_t) == 8);

#include <l4/sys/__l4_fpage.h>
#include <l4/sys/__timeout.h>

#endif
