/* SPDX-License-Identifier: MIT */
/* Constants of the system call, of capability selectors and items, and of page sizes on amd64. */
#ifndef L4_SYS_CONSTS_H
#define L4_SYS_CONSTS_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

/* Phases of an invocation: low four bits of the selector word given to the system call. */
enum l4_syscall_flags_t {
	L4_SYSF_NONE = 0x0,
	L4_SYSF_SEND = 0x1,	 /* send phase to the object behind the selector */
	L4_SYSF_RECV = 0x2,	 /* receive phase, from that object alone ... */
	L4_SYSF_OPEN_WAIT = 0x4, /* ... or from anyone */
	L4_SYSF_REPLY = 0x8,	 /* send to the reply capability */
	L4_SYSF_CALL = L4_SYSF_SEND | L4_SYSF_RECV,
	L4_SYSF_WAIT = L4_SYSF_RECV | L4_SYSF_OPEN_WAIT,
	L4_SYSF_SEND_AND_WAIT = L4_SYSF_CALL | L4_SYSF_OPEN_WAIT,
	L4_SYSF_REPLY_AND_WAIT = L4_SYSF_SEND | L4_SYSF_REPLY | L4_SYSF_WAIT
};

/*
 * A capability selector is index << L4_CAP_SHIFT. Bit 11 set: no capability, in the system call
 * the calling thread itself. Bit 10 set: the index counts reply capabilities.
 */
enum l4_cap_consts_t {
	L4_CAP_SHIFT = 12,
	L4_CAP_SIZE = 1 << L4_CAP_SHIFT,
	L4_CAP_OFFSET = 1 << L4_CAP_SHIFT, /* from one selector to the next */
	L4_INVALID_CAP_BIT = 1 << 11,
	L4_REPLY_CAP_BIT = 1 << 10
};
#define L4_CAP_MASK	     (~0UL << 10) /* the bits that tell selectors apart */
#define L4_INVALID_CAP	     (~0UL << 11)
#define L4_INVALID_REPLY_CAP (~0UL << 10)

/* Selectors of the capabilities that sigma0 and the root task find at start. */
enum l4_default_caps_t {
	L4_BASE_TASK_CAP = 1 << L4_CAP_SHIFT,
	L4_BASE_FACTORY_CAP = 2 << L4_CAP_SHIFT,
	L4_BASE_THREAD_CAP = 3 << L4_CAP_SHIFT,
	L4_BASE_PAGER_CAP = 4 << L4_CAP_SHIFT, /* root task: gate to sigma0 */
	L4_BASE_LOG_CAP = 5 << L4_CAP_SHIFT,
	L4_BASE_ICU_CAP = 6 << L4_CAP_SHIFT, /* also platform control */
	L4_BASE_SCHEDULER_CAP = 7 << L4_CAP_SHIFT,
	L4_BASE_IOMMU_CAP = 8 << L4_CAP_SHIFT,
	L4_BASE_DEBUGGER_CAP = 10 << L4_CAP_SHIFT,
	L4_BASE_ARM_SMCCC_CAP = 11 << L4_CAP_SHIFT,
	L4_BASE_CAPS_LAST = 11 << L4_CAP_SHIFT
};

enum l4_sched_consts_t { L4_SCHED_MIN_PRIO = 0, L4_SCHED_MAX_PRIO = 255 };

/* Unmap mask: where a flexpage is taken away (l4_task_unmap()). */
#define L4_FP_OTHER_SPACES 0UL		/* only what was mapped on from the task */
#define L4_FP_ALL_SPACES   0x80000000UL /* from the task itself too */
#define L4_FP_DELETE_OBJ   0xc0000000UL /* and delete the object if the D right is there */

/* First word of items: send items in message registers, receive items in buffer registers. */
enum l4_msg_item_consts_t {
	L4_ITEM_CONT = 1,      /* sender: the next item goes to the same buffer */
	L4_MAP_ITEM_MAP = 0,   /* sender: copy the right to use */
	L4_MAP_ITEM_GRANT = 2, /* sender: move it */
	L4_ITEM_MAP = 8,       /* not void */

	L4_RCV_ITEM_FORWARD_MAPPINGS = 1,	  /* receiver: into the task named after it */
	L4_RCV_ITEM_SINGLE_CAP = L4_ITEM_MAP | 2, /* receiver: one word, one slot */
	L4_RCV_ITEM_LOCAL_ID = 4,		  /* receiver: own objects by label, not mapped */

	L4_RCV_ITEM_RESULT_MASK = 0x6, /* returned item: what happened */
	L4_RCV_ITEM_MAPPED = 0x0,
	L4_RCV_ITEM_NOT_MAPPED = 0x2, /* the source was empty */
	L4_RCV_ITEM_GATE_LABEL = 0x4, /* second word: gate label | W,S rights */
	L4_RCV_ITEM_FLEXPAGE = 0x6    /* same task; second word: the flexpage as sent */
};

/* Buffer descriptor: index of the first buffer register for each kind of item. */
enum l4_buffer_desc_consts_t {
	L4_BDR_MEM_SHIFT = 0,
	L4_BDR_IO_SHIFT = 5,
	L4_BDR_OBJ_SHIFT = 10,
	L4_BDR_OFFSET_MASK = (1 << 20) - 1
};

#define L4_PAGESHIFT	      12
#define L4_PAGESIZE	      (1UL << L4_PAGESHIFT)
#define L4_PAGEMASK	      (~(L4_PAGESIZE - 1))
#define L4_LOG2_PAGESIZE      L4_PAGESHIFT
#define L4_SUPERPAGESHIFT     21
#define L4_SUPERPAGESIZE      (1UL << L4_SUPERPAGESHIFT)
#define L4_SUPERPAGEMASK      (~(L4_SUPERPAGESIZE - 1))
#define L4_LOG2_SUPERPAGESIZE L4_SUPERPAGESHIFT

#define L4_INVALID_ADDR (~0UL)
#define L4_INVALID_PTR	((void *)L4_INVALID_ADDR)

/* Start of the page that holds address. */
L4_INLINE l4_addr_t l4_trunc_page(l4_addr_t address) L4_NOTHROW
{
	return address & L4_PAGEMASK;
}

/* address rounded down to a multiple of 2^bits bytes, bits below 64. */
L4_INLINE l4_addr_t l4_trunc_size(l4_addr_t address, unsigned char bits) L4_NOTHROW
{
	return address & (~0UL << bits);
}

/* address rounded up to a page boundary; wraps to 0 in the last page. */
L4_INLINE l4_addr_t l4_round_page(l4_addr_t address) L4_NOTHROW
{
	return (address + L4_PAGESIZE - 1) & L4_PAGEMASK;
}

/* value rounded up to a multiple of 2^bits, bits below 64. */
L4_INLINE l4_addr_t l4_round_size(l4_addr_t value, unsigned char bits) L4_NOTHROW
{
	return (value + (1UL << bits) - 1) & (~0UL << bits);
}

/* Number of machine words that hold size bytes. */
L4_INLINE unsigned l4_bytes_to_mwords(unsigned size) L4_NOTHROW
{
	return (unsigned)((size + sizeof(l4_umword_t) - 1) / sizeof(l4_umword_t));
}

#endif
