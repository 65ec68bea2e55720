/* SPDX-License-Identifier: MIT */
/* Page faults: the message, the answers, a missing pager, the page-fault trampoline. */
#include "partner.h"
#include "victim.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

/* The message register block with the page at address for the one at HOLE. */
static l4_msgtag_t page_for_hole(void *page, unsigned rights)
{
	mr_set(0, HOLE | L4_ITEM_MAP);
	mr_set(1, l4_fpage((l4_addr_t)page, 12, (unsigned char)rights).raw);
	return l4_msgtag(0, 0, 1, 0);
}

static void unmap_hole(void)
{
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(HOLE, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
}

static void check_fault_message(l4_msgtag_t tag, l4_umword_t address, l4_umword_t ip,
				const char *name)
{
	tap_is(l4_msgtag_label(tag), L4_PROTO_PAGE_FAULT, "%s: label of a page fault", name);
	tap_is(l4_msgtag_words(tag), 2, "%s: two words", name);
	tap_is(l4_msgtag_items(tag) + l4_msgtag_flags(tag), 0, "%s: no items, no flags", name);
	tap_ok(mr_get(0) == address, "%s: address and kind of access", name);
	tap_ok(mr_get(1) == ip, "%s: instruction pointer", name);
}

static void test_page_fault(void)
{
	int *page = mem_alloc(12);

	*page = 4711;
	victim_start(&root_task, victim_read, (void *)HOLE);
	check_fault_message(next_message(), HOLE, (l4_umword_t)at_read, "read of nothing");
	tap_is((long)fault_label, FAULT_LABEL | 3, "the pager's gate label");
	answer(page_for_hole(page, L4_FPAGE_RO));
	tap_ok(thread_join(victim, 500) && victim_value == 4711, "the page is mapped, it goes on");
	thread_destroy(victim);

	victim_start(&root_task, victim_write, (void *)(HOLE + 8));
	check_fault_message(next_message(), HOLE | 8 | 3, (l4_umword_t)at_write,
			    "write to a read-only page");
	answer(page_for_hole(page, L4_FPAGE_RW));
	tap_ok(thread_join(victim, 500) && page[2] == 77, "the page is made writable");
	thread_destroy(victim);
	unmap_hole();

	victim_start(&root_task, victim_write, (void *)(HOLE + 16));
	check_fault_message(next_message(), HOLE | 16 | 2, (l4_umword_t)at_write,
			    "write to nothing");
	tap_is(l4_msgtag_label(answer_and_wait(l4_msgtag(0, 0, 0, 0))), L4_PROTO_PAGE_FAULT,
	       "an answer without a page: the fault comes again");
	answer(page_for_hole(page, L4_FPAGE_RW));
	tap_ok(thread_join(victim, 500), "then it goes on");
	thread_destroy(victim);
	unmap_hole();
}

static void test_fetch(void)
{
	unsigned char *page = mem_alloc(12);

	page[0] = 0xc3; /* ret */
	victim_start(&root_task, victim_call, (void *)HOLE);
	check_fault_message(next_message(), HOLE | 4, HOLE, "fetch from nothing");
	check_fault_message(answer_and_wait(page_for_hole(page, L4_FPAGE_RO)), HOLE | 5, HOLE,
			    "fetch without the execute right");
	answer(page_for_hole(page, L4_FPAGE_RX));
	tap_ok(thread_join(victim, 500), "with it the code runs");
	thread_destroy(victim);
	unmap_hole();
}

/* An exception that is asked for while the pager works comes when it has answered. */
static void test_exception_during_fault(void)
{
	void *page = mem_alloc(12);
	l4_msgtag_t tag;

	victim_start(&root_task, victim_read, (void *)HOLE);
	next_message();
	l4_thread_ex_regs(victim->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_TRIGGER_EXCEPTION);
	tag = answer_and_wait(page_for_hole(page, L4_FPAGE_RO));
	tap_ok(l4_msgtag_is_exception(tag) && l4_utcb_exc()->trapno == L4_TRAP_EX_REGS,
	       "an exception asked for during a page fault is not lost");
	tap_ok(l4_utcb_exc()->ip == (l4_umword_t)at_read, "it comes before the access is repeated");
	answer(l4_msgtag(0, 0, 0, 0));
	tap_ok(thread_join(victim, 500), "which then succeeds");
	thread_destroy(victim);
	unmap_hole();
}

static void test_utcb_is_restored(void)
{
	void *page = mem_alloc(12);

	victim_start(&root_task, victim_read, (void *)HOLE);
	next_message();
	answer(page_for_hole(page, L4_FPAGE_RW));
	thread_join(victim, 500);
	tap_is((long)victim->utcb->br.bdr, 0, "a fault restores the buffer descriptor");
	tap_is((long)(victim->utcb->br.br[0] | victim->utcb->br.br[1]), 0,
	       "a fault restores the buffer registers");
	tap_is((long)(victim->utcb->mr.mr[0] | victim->utcb->mr.mr[1]), 0,
	       "a fault restores the message registers");
	thread_destroy(victim);
	unmap_hole();
}

/* The window of a fault is everything: a pager can map capabilities too. */
static void test_pager_maps_capability(void)
{
	l4_cap_idx_t sem = semaphore_create(), slot = cap_alloc();
	void *page = mem_alloc(12);

	victim_start(&root_task, victim_read, (void *)HOLE);
	next_message();
	page_for_hole(page, L4_FPAGE_RW);
	mr_set(2, slot | L4_ITEM_MAP);
	mr_set(3, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS).raw);
	answer(l4_msgtag(0, 0, 2, 0));
	tap_ok(thread_join(victim, 500), "a pager answers with memory and a capability");
	tap_ok(cap_exists(slot), "the capability is there");
	thread_destroy(victim);
	unmap_hole();
	cap_delete(sem);
}

static void test_negative_answer(void)
{
	l4_msgtag_t tag;

	victim_start(&root_task, victim_read, (void *)HOLE);
	next_message();
	tag = answer_and_wait(l4_msgtag(-L4_ENOMEM, 0, 0, 0));

	tap_is(l4_msgtag_label(tag), L4_PROTO_EXCEPTION,
	       "a negative answer turns the page fault into an exception");
	tap_is((long)l4_utcb_exc()->trapno, 14, "with trap number 14");
	tap_is((long)l4_utcb_exc()->pfa, HOLE, "and the fault address");
	tap_ok(l4_utcb_exc()->ip == (l4_umword_t)at_read, "at the same instruction");
	thread_destroy(victim);
}

/* No pager: the thread is killed; its UTCB is marked free. */
static void test_no_pager(void)
{
	victim = thread_create(&root_task, victim_read, (void *)HOLE);
	victim->utcb->tcr.free_marker = 1;
	thread_set_pager(victim, cap_alloc());
	thread_start(victim, 0, PRIO_VICTIM);
	tap_ok(WAIT_UNTIL(READ(victim->utcb->tcr.free_marker) == 0, 500),
	       "an empty pager slot at fault time kills the thread and frees its UTCB");
	tap_is(ipc_error(l4_ipc_send(victim->cap, l4_utcb(), l4_msgtag(0, 0, 0, 0), LIMIT)),
	       L4_IPC_ENOT_EXISTENT, "it can no longer be sent to");
	thread_destroy(victim);
}

/* A pager object that has gone: an exception instead. */
static void test_dead_pager(void)
{
	struct thread *pager = thread_create(&root_task, victim_loop, NULL);
	l4_cap_idx_t gate = gate_create(pager, 0x30);

	victim = thread_create(&root_task, victim_read, (void *)HOLE);
	thread_set_pager(victim, gate);
	thread_set_handler(victim, FAULT_CAP);
	thread_start(victim, 0, PRIO_VICTIM);
	tap_is(l4_msgtag_label(next_message()), L4_PROTO_EXCEPTION,
	       "a pager that does not exist: the fault becomes an exception");
	tap_is((long)l4_utcb_exc()->trapno, 14, "with trap number 14");
	thread_destroy(victim);
	thread_destroy(pager);
	cap_delete(gate);
}

/* --- Page-fault trampoline: state in kernel-user memory, handler in the same thread. --- */

struct trampoline {
	l4_umword_t handler, user[2], saved_mr0, flags;
	l4_umword_t trap_state[23];
};
enum {
	TRAMP_SETUP = 0x00009,
	TRAMP_RESUME = 0x10009,
	TRAMP_DISABLE = 0x30009,
	TRAMP_ENABLE = 0x40009,
	TRAP_STATE_RIP = 18,
};
#define TRAMPOLINE ((struct trampoline *)0x7ffd000000UL)

static volatile l4_umword_t tramp_state, tramp_fault, tramp_flags;
static int *tramp_page;

static long tramp_op(l4_umword_t op, l4_umword_t argument, unsigned words)
{
	mr_set(0, op);
	mr_set(1, argument);
	return l4_error(l4_ipc_call(L4_INVALID_CAP, l4_utcb(),
				    l4_msgtag(L4_PROTO_THREAD, words, 0, 0), L4_IPC_NEVER));
}

void tramp_handler(l4_umword_t state, l4_umword_t fault);
void tramp_entry(void);
__asm__(".text\ntramp_entry:\tsub $128, %rsp\n\tand $-16, %rsp\n\tcall tramp_handler\n\tud2\n");

void tramp_handler(l4_umword_t state, l4_umword_t fault)
{
	tramp_state = state;
	tramp_fault = fault;
	tramp_flags = TRAMPOLINE->flags;
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_fpage((l4_addr_t)tramp_page, 12, L4_FPAGE_RW), HOLE | L4_ITEM_MAP);
	tramp_op(TRAMP_RESUME, 0, 1);
	tap_bail("resume from the trampoline returns");
}

static volatile long tramp_result[4];

static void tramp_thread(void *unused)
{
	(void)unused;
	tramp_result[0] = tramp_op(TRAMP_ENABLE, 0, 1);
	tramp_result[1] = tramp_op(TRAMP_SETUP, 0x1000, 2);
	TRAMPOLINE->handler = (l4_umword_t)tramp_entry;
	tramp_result[2] = tramp_op(TRAMP_SETUP, (l4_umword_t)TRAMPOLINE, 2);
	victim_write((void *)(HOLE + 24));
	victim_read((void *)(HOLE + 24));
	tramp_result[3] = tramp_op(TRAMP_DISABLE, 0, 1);
}

static void test_trampoline(void)
{
	struct thread *t;

	tramp_page = mem_alloc(12);
	l4_task_add_ku_mem(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)TRAMPOLINE, 12, 0));
	t = thread_run(tramp_thread, NULL, 0, PRIO_VICTIM);
	tap_ok(thread_join(t, 1000), "trampoline: the thread handles its own fault");
	tap_is(tramp_result[0], -L4_EINVAL, "trampoline: enable without setup");
	tap_is(tramp_result[1], -L4_EINVAL, "trampoline: state must be kernel-user memory");
	tap_is(tramp_result[2], 0, "trampoline: setup");
	tap_is((long)tramp_state, (long)TRAMPOLINE, "trampoline: rdi is the state");
	tap_is((long)tramp_fault, (HOLE + 24) | 2, "trampoline: rsi is the fault word");
	tap_is((long)(tramp_flags & 1), 1, "trampoline: fault in progress");
	tap_ok(TRAMPOLINE->trap_state[TRAP_STATE_RIP] == (l4_umword_t)at_write,
	       "trampoline: the state has the faulting instruction");
	tap_is((long)victim_value, 77, "trampoline: resume repeats the instruction");
	tap_is(tramp_result[3], 0, "trampoline: disable");
	thread_destroy(t);
	unmap_hole();
}

void test_main(void)
{
	victim_init();
	test_page_fault();
	test_fetch();
	test_exception_during_fault();
	test_utcb_is_restored();
	test_pager_maps_capability();
	test_negative_answer();
	test_no_pager();
	test_dead_pager();
	test_trampoline();
}
