/* SPDX-License-Identifier: MIT */
/*
 * Exceptions of the program's threads. A thread of the back end's own is their exception handler,
 * from the first handler of a fault or the first signal for another thread on. It stores the
 * registers of whoever has an exception in its structure and sends it to signal_entry. It takes no
 * locks and does not touch the program's stacks, so it works whatever the thread was doing.
 *
 * A signal for a thread that computes is an artificial exception. The kernel forgets it if the
 * thread has another exception just then. No signal is lost by that: after each exception the
 * thread looks for signals, in the frame, or at the end of the call that it is in.
 */
#include "backend/platform.h"
#include "backend/signal_state.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <l4/sys/ipc.h>
#include <l4/sys/thread.h>

enum { STACK_BYTES = 4096 };
enum { TRAP_DIVIDE, TRAP_DEBUG, TRAP_BREAKPOINT = 3, TRAP_UNDEFINED = 6, TRAP_SEGMENT = 11 };
enum { TRAP_STACK = 12, TRAP_PAGE = 14, TRAP_FPU = 16, TRAP_ALIGNMENT = 17, TRAP_SIMD = 19 };
enum { ERROR_WRITE = 2, ERROR_FETCH = 16 };

static char stack[STACK_BYTES] __attribute__((aligned(16)));
static bool started; /* with LOCK_WAIT */

static void page_fault(struct thread_fault *fault, const l4_exc_regs_t *regs)
{
	unsigned need = PLATFORM_READ;

	if (regs->err & ERROR_WRITE)
		need = PLATFORM_WRITE;
	else if (regs->err & ERROR_FETCH)
		need = PLATFORM_EXECUTE;
	fault->address = regs->pfa;
	fault->signal = SIGSEGV;
	switch (platform_place(regs->pfa, need, regs->err)) {
	case PLATFORM_NOTHING:
		fault->code = SEGV_MAPERR;
		break;
	case PLATFORM_FORBIDDEN:
		fault->code = SEGV_ACCERR;
		break;
	default:
		fault->signal = SIGBUS;
		fault->code = BUS_ADRERR;
	}
}

/* As Linux tells exceptions; the code of arithmetic ones is found in the frame. */
static void classify(struct thread_fault *fault, const l4_exc_regs_t *regs)
{
	*fault = (struct thread_fault){ SIGSEGV, SI_KERNEL, 0 };
	switch (regs->trapno) {
	case TRAP_DIVIDE:
	case TRAP_FPU:
	case TRAP_SIMD:
		*fault = (struct thread_fault){ SIGFPE, FPE_INTDIV, regs->ip };
		break;
	case TRAP_DEBUG:
		*fault = (struct thread_fault){ SIGTRAP, TRAP_TRACE, regs->ip };
		break;
	case TRAP_BREAKPOINT:
		*fault = (struct thread_fault){ SIGTRAP, SI_KERNEL, 0 };
		break;
	case TRAP_UNDEFINED:
		*fault = (struct thread_fault){ SIGILL, ILL_ILLOPN, regs->ip };
		break;
	case TRAP_SEGMENT:
	case TRAP_STACK:
		fault->signal = SIGBUS;
		break;
	case TRAP_ALIGNMENT:
		*fault = (struct thread_fault){ SIGBUS, BUS_ADRALN, 0 };
		break;
	case TRAP_PAGE:
		page_fault(fault, regs);
	}
}

/* The registers become those of a thread that begins a frame. */
static void enter(struct thread *thread, l4_exc_regs_t *regs, int signal)
{
	l4_addr_t end = signal ? signal_stack(thread, regs->sp, signal) : 0;

	thread->saved = *regs;
	thread->entering = true;
	signal_frame_prepare(regs, thread, end);
}

static void interrupt(struct thread *thread, l4_exc_regs_t *regs)
{
	uint64_t pending = thread->signal_pending | signal_shared_pending;

	pending &= ~thread->signal_mask;
	if (thread->depth || thread->entering)
		thread->deferred = true;
	else
		enter(thread, regs, pending ? __builtin_ctzll(pending) + 1 : 0);
}

/* False: the program has no answer to this fault. A thread in a call may hold locks. */
static bool fault(struct thread *thread, l4_exc_regs_t *regs)
{
	void (*handler)(int);

	if (thread->depth || thread->entering)
		return false;
	classify(&thread->fault, regs);
	handler = signal_actions[thread->fault.signal].handler;
	if (handler == SIG_DFL || handler == SIG_IGN ||
	    thread->signal_mask & signal_bit(thread->fault.signal))
		return false;
	enter(thread, regs, thread->fault.signal);
	return true;
}

static bool handle(l4_exc_regs_t *regs)
{
	struct thread *thread = thread_of_utcb(regs->gs_base - L4_UTCB_SELF_OFFSET);

	if (!thread)
		return false;
	if (regs->trapno != L4_TRAP_EX_REGS)
		return fault(thread, regs);
	interrupt(thread, regs);
	return true;
}

/* What has no handler stays stopped, and goes to whoever reports it. */
static bool answer(l4_msgtag_t tag)
{
	l4_exc_regs_t regs = *l4_utcb_exc();
	const l4_msgtag_t message =
	    l4_msgtag(L4_PROTO_EXCEPTION, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0);
	bool handled;

	if (!l4_msgtag_is_exception(tag) || l4_msgtag_words(tag) < L4_UTCB_EXCEPTION_REGS_SIZE)
		return false;
	handled = handle(&regs);
	*l4_utcb_exc() = regs;
	if (!handled)
		l4_ipc_send(platform_pager(), l4_utcb(), message, L4_IPC_NEVER);
	return handled;
}

static _Noreturn int serve(void *unused)
{
	const l4_msgtag_t answered = l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0);
	l4_umword_t label;
	l4_msgtag_t tag;
	bool reply = false;

	(void)unused;
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = 0;
	for (;;) {
		tag = reply ? l4_ipc_reply_and_wait(l4_utcb(), answered, &label, L4_IPC_NEVER)
			    : l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
		reply = !l4_ipc_error(tag, l4_utcb()) && answer(tag);
	}
}

long exceptions_start(void)
{
	struct thread *handler;

	if (__atomic_load_n(&started, __ATOMIC_ACQUIRE))
		return 0;
	if (!lock_prepare())
		return -ENOMEM;
	lock_take(LOCK_MEMORY);
	lock_take(LOCK_WAIT);
	handler = started ? NULL : thread_start_own(serve, stack + STACK_BYTES);
	if (handler) {
		thread_handler_set(handler->cap);
		platform_faults_handled();
		__atomic_store_n(&started, true, __ATOMIC_RELEASE);
	}
	lock_free(LOCK_WAIT);
	lock_free(LOCK_MEMORY);
	return started ? 0 : -ENOMEM;
}

void exceptions_interrupt(struct thread *thread)
{
	if (started)
		l4_thread_ex_regs(thread->cap, ~0UL, ~0UL, L4_THREAD_EX_REGS_TRIGGER_EXCEPTION);
}
