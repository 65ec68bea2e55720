/* SPDX-License-Identifier: MIT */
/*
 * The library's own thread: pager of the other tasks and exception handler of all. What no test
 * expects is shown with registers and ends the machine. I/O ports are never given: trap 13.
 */
#include "thread.h"

#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/thread.h>

enum { LIBRARY_LABEL = 0x11110 };

l4_cap_idx_t library_gate;

static void __attribute__((noreturn)) report_exception(void)
{
	const l4_exc_regs_t r = *l4_utcb_exc();

	tap_diag("rip %lx rsp %lx rflags %lx cs %lx ss %lx", r.ip, r.sp, r.flags, r.dummy1, r.ss);
	tap_diag("rax %lx rbx %lx rcx %lx rdx %lx", r.rax, r.rbx, r.rcx, r.rdx);
	tap_diag("rsi %lx rdi %lx rbp %lx r8 %lx r9 %lx", r.rsi, r.rdi, r.rbp, r.r8, r.r9);
	tap_diag("r10 %lx r11 %lx r12 %lx r13 %lx r14 %lx r15 %lx", r.r10, r.r11, r.r12, r.r13,
		 r.r14, r.r15);
	tap_diag("fs base %lx gs base %lx", r.fs_base, r.gs_base);
	tap_bail("unexpected exception %lu, error code %lx, address %lx, at %lx", r.trapno, r.err,
		 r.pfa, r.ip);
}

/* Map the page of the fault 1:1, or bail out if it is none of the test's. */
static l4_msgtag_t answer_page_fault(void)
{
	l4_addr_t fault = mr_get(0), ip = mr_get(1);

	if (!mem_is_own(fault))
		tap_bail("unexpected page fault: address %lx, code %lx, at %lx", fault & ~7UL,
			 fault & 7, ip);
	(void)*(volatile char *)(fault & ~7UL);
	mr_set(0, l4_map_control(fault, 0, L4_MAP_ITEM_MAP));
	mr_set(1, l4_fpage(fault, L4_PAGESHIFT, L4_FPAGE_RWX).raw);
	return l4_msgtag(0, 0, 1, 0);
}

static l4_msgtag_t answer(l4_msgtag_t tag)
{
	if (l4_msgtag_is_page_fault(tag))
		return answer_page_fault();
	if (l4_msgtag_is_io_page_fault(tag))
		return l4_msgtag(-L4_ENOMEM, 0, 0, 0);
	if (l4_msgtag_is_exception(tag))
		report_exception();
	tap_bail("unexpected message to the library's thread: label %ld", l4_msgtag_label(tag));
}

static void serve(void *unused)
{
	l4_umword_t label;
	l4_msgtag_t tag;

	(void)unused;
	buffers_none();
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		else
			tag = l4_ipc_reply_and_wait(l4_utcb(), answer(tag), &label,
						    L4_IPC_SEND_TIMEOUT_0);
	}
}

void pager_init(void)
{
	struct thread *t;
	long err;

	library_gate = cap_alloc();
	t = thread_create(&root_task, serve, NULL);
	thread_start(t, 0, PRIO_LIBRARY);
	err = l4_error(
	    l4_factory_create_gate(L4_BASE_FACTORY_CAP, library_gate, t->cap, LIBRARY_LABEL));
	if (err < 0)
		tap_bail("cannot create the library's gate: %ld", err);
	l4_thread_control_start();
	l4_thread_control_exc_handler(library_gate);
	l4_thread_control_commit(L4_BASE_THREAD_CAP);
}
