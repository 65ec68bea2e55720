/* SPDX-License-Identifier: MIT */
/* Kept views: page faults and exceptions of the handler itself. */
#include "kept.h"
#include "victim.h"

#include <l4/sys/thread.h>

#define LATER (SHIM + 0x10000) /* memory of the home that comes with its first access */
static volatile l4_umword_t asked;
static long *later;

static void pager(void *unused)
{
	l4_umword_t label;

	(void)unused;
	if (l4_msgtag_label(l4_ipc_wait(l4_utcb(), &label, PATIENT)) == L4_PROTO_PAGE_FAULT)
		asked = l4_utcb_mr()->mr[0];
	kept_map(later, L4_FPAGE_RW, LATER);
	l4_ipc_reply_and_wait(l4_utcb(), l4_msgtag(0, 0, 0, 0), &label, L4_IPC_BOTH_TIMEOUT_0);
}

static void test_pager(void)
{
	struct thread *p = thread_run(pager, NULL, 0, PRIO_MAIN + 1);

	later = mem_alloc(12);
	*later = 0x1a7e;
	thread_set_pager(kept_thread, p->cap);
	tap_is(kept_jump(KCODE + CODE_READ, LATER), TRAP_PAGE_FAULT,
	       "memory of the home: the kernel's access enters the handler");
	tap_is((long)asked, 0, "memory of the home: the pager does not know");
	kept_notes->read = LATER;
	tap_is(kept_resume(GUEST_USER, CODE + CODE_SYSCALL), TRAP_SYSCALL,
	       "memory of the home: the handler's access is no entry");
	tap_is((long)(asked & ~7UL), LATER, "memory of the home: the pager is asked");
	tap_is((long)kept_notes->value, 0x1a7e, "memory of the home: the handler goes on with it");
	tap_ok(STATE->r.gs_base == GS_BASE && STATE->r.ip == CODE + CODE_SYSCALL,
	       "memory of the home: the context is what it was");
	kept_notes->read = DATA;
	kept_resume(GUEST_USER, CODE + CODE_SYSCALL);
	kept_expect_entry(L4_VCPU_F_USER_MODE | 7, "memory of the home: the guest goes on");
	thread_set_pager(kept_thread, L4_BASE_PAGER_CAP);
	tap_ok(thread_join(p, PATIENT_MS), "memory of the home: asked once");
	thread_destroy(p);
}

/* Go on in guest-kernel mode, open to what `open` says, and read from an address; the message of
 * the thread, or the handler's entry after that. */
static l4_msgtag_t read_with(unsigned open, l4_addr_t address)
{
	kept_registers(0, KCODE + CODE_READ);
	STATE->r.di = address;
	STATE->saved_state = (l4_uint16_t)(OPEN_KERNEL & ~7U) | (l4_uint16_t)open;
	WRITE(kept_notes->command, RESUME);
	return next_message();
}

/* The thread stands still from its last exception on. */
static void test_own_traps(void)
{
	l4_umword_t before = kept_notes->entries;
	l4_msgtag_t tag;

	thread_set_pager(kept_thread, FAULT_CAP);
	thread_set_handler(kept_thread, FAULT_CAP);
	tag = read_with(0, HOLE);
	tap_ok(l4_msgtag_is_page_fault(tag) && l4_utcb_mr()->mr[0] == HOLE &&
		   l4_utcb_mr()->mr[1] == KCODE + CODE_READ,
	       "a page fault of a handler, closed to them, goes to the pager");
	tag = answer_and_wait(l4_msgtag(-1, 0, 0, 0));
	tap_ok(l4_msgtag_is_exception(tag) && l4_utcb_exc()->trapno == TRAP_PAGE_FAULT &&
		   l4_utcb_exc()->pfa == HOLE && l4_utcb_exc()->rdi == HOLE,
	       "refused, it is an exception with all registers");
	tap_is((long)kept_notes->entries, (long)before, "and does not enter the handler");
	l4_utcb_exc()->rdi = KDATA;
	tag = answer_and_wait(l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0));
	tap_ok(l4_msgtag_is_exception(tag) && l4_utcb_exc()->trapno == TRAP_UD &&
		   l4_utcb_exc()->rax == B && kept_notes->entries == before,
	       "it goes on as it is told, up to its next exception");
	l4_utcb_exc()->ip = SHIM;
	l4_utcb_exc()->rdi = KU;
	l4_utcb_exc()->sp = NOTES + 0xff0;
	answer(l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0));
	tap_ok(WAIT_UNTIL(kept_notes->entries != before, PATIENT_MS), "and into the handler");
	kept_registers(GUEST_KERNEL, KCODE + CODE_READ);
	STATE->r.di = HOLE;
	STATE->saved_state = OPEN_KERNEL & ~1;
	tap_is(kept_command(RESUME), TRAP_PAGE_FAULT,
	       "closed to events alone, traps enter the handler");
	STATE->entry_ip = HOLE;
	tag = read_with(6, KDATA);
	tap_ok(l4_msgtag_is_page_fault(tag) && l4_utcb_mr()->mr[1] == HOLE,
	       "a handler that is nowhere is told to the pager");
}

void test_main(void)
{
	kept_setup();
	kept_start();
	test_pager();
	victim_init();
	test_own_traps();
}
