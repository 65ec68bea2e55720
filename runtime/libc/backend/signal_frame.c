/* SPDX-License-Identifier: MIT */
/*
 * Frames of signal handlers. A frame holds everything of the interrupted code: registers, extended
 * state of the processor, and the UTCB, so a handler may do what that code may do. It is made by
 * the thread itself at signal_entry, from the registers in thread->saved: for a thread that an
 * exception has stopped, exceptions.c has put them there and sent it to signal_entry; a thread that
 * looks for signals in a call stores them itself. All pending handlers run in one frame, on the
 * stack that the first of them wants. Leaving by siglongjmp() needs no farewell; returning takes no
 * system call: the registers, changed by the handler or not, are loaded at the end. Instruction and
 * flags are put below the red zone of the interrupted code and popped from there; an iret would
 * need nothing of that stack, but QEMU's faults at privilege level 3 if the kernel uses SMAP.
 *
 * A second exception cannot overwrite thread->saved before it is used: until then, `entering` is
 * true, and afterwards the thread is within the back end, except while a handler runs.
 */
#include "backend/signal_state.h"
#include "backend/platform.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <cpuid.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#define FRAME_BYTES 2304
#define TEXT_OF(x)  #x
#define TEXT(x)	    TEXT_OF(x)

enum { CALLS_BYTES = 1024 }; /* stack that the functions of the back end take below a frame */
enum { LEAF_STATE = 13, BIT_XSAVE = 1 << 27, LEGACY_BYTES = 512, STATE_ALIGN = 64 };
enum { RED_ZONE = 128, FLAGS_NOT_FOR_HANDLERS = 0x54500 }; /* TF, DF, NT, RF, AC */
enum { TRAP_FPU = 16, TRAP_SIMD = 19 };

struct frame {
	l4_exc_regs_t regs; /* first: in the order in which they are popped */
	ucontext_t context;
	l4_utcb_t utcb;
	int error_number;
};

static struct {
	unsigned bytes, by_xsave;
} state; /* extended state of the processor; bytes 0: not yet known */

_Static_assert(sizeof(struct frame) <= FRAME_BYTES && FRAME_BYTES % 64 == 0, "signal_entry");

/*
 * signal_entry: rdi = thread, rsi = interrupted instruction (for back-traces), rdx = bytes of
 * extended state, ecx = by xsave? rsp = stack. All other registers are free.
 * signal_store: rdi, rdx and ecx for signal_entry, rsi = stack or 0, r8 = where the registers go
 * that a called function must preserve. Returns when the frame has been left.
 */
__asm__(".text\n"
	"signal_store:\n\t"
	"mov %r15, 0(%r8)\n\t"
	"mov %r14, 8(%r8)\n\t"
	"mov %r13, 16(%r8)\n\t"
	"mov %r12, 24(%r8)\n\t"
	"mov %rbp, 80(%r8)\n\t"
	"mov %rbx, 96(%r8)\n\t"
	"mov (%rsp), %rax\n\t"
	"mov %rax, 144(%r8)\n\t"
	"lea 8(%rsp), %r9\n\t"
	"mov %r9, 168(%r8)\n\t"
	"pushfq\n\t"
	"popq 160(%r8)\n\t"
	"test %rsi, %rsi\n\t"
	"cmovnz %rsi, %rsp\n\t"
	"mov %rax, %rsi\n"
	"signal_entry:\n\t"
	"push %rsi\n\t"
	"push %rbp\n\t"
	"mov %rsp, %rbp\n\t"
	"and $-64, %rsp\n\t"
	"sub %rdx, %rsp\n\t"
	"mov %rsp, %rbx\n\t"
	"mov %rdi, %r13\n\t"
	"mov %ecx, %r12d\n\t"
	"test %ecx, %ecx\n\t"
	"jz 1f\n\t"
	"xor %eax, %eax\n\t"
	"lea 512(%rbx), %rdi\n\t"
	"mov $8, %ecx\n\t"
	"rep stosq\n\t"
	"mov $-1, %eax\n\t"
	"cltd\n\t"
	"xsave64 (%rbx)\n\t"
	"jmp 2f\n"
	"1:\n\t"
	"fxsave64 (%rbx)\n"
	"2:\n\t"
	"fninit\n\t"
	"push $0x1f80\n\t"
	"ldmxcsr (%rsp)\n\t"
	"lea -(" TEXT(FRAME_BYTES) "-8)(%rsp), %rsp\n\t"
				   "mov %r13, %rdi\n\t"
				   "mov %rsp, %rsi\n\t"
				   "mov %rbx, %rdx\n\t"
				   "call signal_frame_run\n\t"
				   "test %r12d, %r12d\n\t"
				   "jz 3f\n\t"
				   "mov $-1, %eax\n\t"
				   "cltd\n\t"
				   "xrstor64 (%rbx)\n\t"
				   "jmp 4f\n"
				   "3:\n\t"
				   "fxrstor64 (%rbx)\n"
				   "4:\n\t"
				   "mov 168(%rsp), %rax\n\t"
				   "sub $144, %rax\n\t"
				   "mov %rax, 168(%rsp)\n\t"
				   "mov 160(%rsp), %rcx\n\t"
				   "mov %rcx, (%rax)\n\t"
				   "mov 144(%rsp), %rcx\n\t"
				   "mov %rcx, 8(%rax)\n\t"
				   "pop %r15\n\t"
				   "pop %r14\n\t"
				   "pop %r13\n\t"
				   "pop %r12\n\t"
				   "pop %r11\n\t"
				   "pop %r10\n\t"
				   "pop %r9\n\t"
				   "pop %r8\n\t"
				   "pop %rdi\n\t"
				   "pop %rsi\n\t"
				   "pop %rbp\n\t"
				   "lea 8(%rsp), %rsp\n\t"
				   "pop %rbx\n\t"
				   "pop %rdx\n\t"
				   "pop %rcx\n\t"
				   "pop %rax\n\t"
				   "mov 40(%rsp), %rsp\n\t"
				   "popfq\n\t"
				   "ret $128\n");

void signal_entry(void);
void signal_store(struct thread *thread, l4_addr_t stack, unsigned long bytes, unsigned by_xsave,
		  l4_exc_regs_t *regs);
void signal_frame_run(struct thread *self, struct frame *frame, struct _fpstate *fpu);

static void find_state(void)
{
	unsigned a, b, c, d, bytes = LEGACY_BYTES;

	if (state.bytes)
		return;
	__cpuid(1, a, b, c, d);
	state.by_xsave = c & BIT_XSAVE;
	if (state.by_xsave)
		__cpuid_count(LEAF_STATE, 0, a, bytes, c, d);
	state.bytes = (bytes + STATE_ALIGN - 1) & ~(STATE_ALIGN - 1U);
}

unsigned signal_frame_bytes(void)
{
	find_state();
	return state.bytes + STATE_ALIGN + FRAME_BYTES + CALLS_BYTES;
}

l4_addr_t signal_stack(const struct thread *thread, l4_addr_t sp, int signal)
{
	l4_addr_t start = (l4_addr_t)thread->alternate;

	if (!thread->alternate_bytes || !(signal_actions[signal].flags & SA_ONSTACK))
		return 0;
	return sp - start < thread->alternate_bytes ? 0 : start + thread->alternate_bytes;
}

void signal_frame_prepare(l4_exc_regs_t *regs, struct thread *thread, l4_addr_t stack)
{
	find_state();
	regs->sp = stack ? stack : regs->sp - RED_ZONE;
	regs->rsi = regs->ip;
	regs->ip = (l4_addr_t)signal_entry;
	regs->rdi = (l4_umword_t)thread;
	regs->rdx = state.bytes;
	regs->rcx = state.by_xsave;
	regs->flags &= ~(l4_umword_t)FLAGS_NOT_FOR_HANDLERS;
}

void signal_frame_here(l4_addr_t stack)
{
	struct thread *self = thread_self();

	find_state();
	self->saved = (l4_exc_regs_t){ .trapno = L4_TRAP_EX_REGS };
	signal_store(self, stack, state.bytes, state.by_xsave, &self->saved);
}

/* Words of l4_exc_regs_t that gregs[0..17] are made of. */
static const unsigned char word_of[] = {
	[REG_R8] = 7,	[REG_R9] = 6,	[REG_R10] = 5,	[REG_R11] = 4,	[REG_R12] = 3,
	[REG_R13] = 2,	[REG_R14] = 1,	[REG_R15] = 0,	[REG_RDI] = 8,	[REG_RSI] = 9,
	[REG_RBP] = 10, [REG_RBX] = 12, [REG_RDX] = 13, [REG_RAX] = 15, [REG_RCX] = 14,
	[REG_RSP] = 21, [REG_RIP] = 18, [REG_EFL] = 20
};

static unsigned short code_segment(void)
{
	unsigned short selector;

	__asm__("mov %%cs, %0" : "=r"(selector));
	return selector;
}

static void context_fill(struct frame *frame, const struct thread *self, struct _fpstate *fpu)
{
	const l4_umword_t *words = (const l4_umword_t *)&frame->regs;
	ucontext_t *context = &frame->context;
	greg_t *gregs = context->uc_mcontext.gregs;

	memset(context, 0, offsetof(ucontext_t, __fpregs_mem));
	for (unsigned i = 0; i < sizeof(word_of); i++)
		gregs[i] = (greg_t)words[word_of[i]];
	gregs[REG_CSGSFS] = code_segment();
	gregs[REG_ERR] = (greg_t)frame->regs.err;
	gregs[REG_TRAPNO] = (greg_t)frame->regs.trapno;
	gregs[REG_CR2] = (greg_t)frame->regs.pfa;
	context->uc_mcontext.fpregs = fpu;
	context->uc_stack.ss_sp = self->alternate;
	context->uc_stack.ss_size = self->alternate_bytes;
	context->uc_stack.ss_flags = self->alternate_bytes ? 0 : SS_DISABLE;
}

/* What the frame is left with. */
static void registers_fill(struct frame *frame)
{
	l4_umword_t *words = (l4_umword_t *)&frame->regs;

	for (unsigned i = 0; i < sizeof(word_of); i++)
		words[word_of[i]] = (l4_umword_t)frame->context.uc_mcontext.gregs[i];
}

static void call_handler(struct thread *self, struct frame *frame, struct signal_taken *taken)
{
	const uint64_t never = signal_bit(SIGKILL) | signal_bit(SIGSTOP);
	const struct signal_action *action = &taken->action;
	unsigned depth = self->depth;
	uint64_t mask = self->signal_mask;

	memcpy(&frame->context.uc_sigmask, &mask, sizeof(mask));
	self->signal_mask |= action->mask;
	if (!(action->flags & SA_NODEFER))
		self->signal_mask |= signal_bit(taken->signal);
	self->depth = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	((void (*)(int, siginfo_t *, void *))(void *)action->handler)(taken->signal, &taken->info,
								      &frame->context);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	self->depth = depth;
	memcpy(&mask, &frame->context.uc_sigmask, sizeof(mask));
	self->signal_mask = mask & ~never;
}

/* Act on a signal that was taken; ignored: its action does nothing. */
static void act(struct thread *self, struct frame *frame, struct signal_taken *taken, bool ignored)
{
	if (taken->action.handler == SIG_DFL && !ignored)
		platform_exit(EXIT_OF_SIGNAL + taken->signal);
	if (!ignored)
		call_handler(self, frame, taken);
}

/* With LOCK_WAIT. */
static void reset_once(const struct signal_taken *taken)
{
	if (taken->action.flags & SA_RESETHAND)
		signal_actions[taken->signal].handler = SIG_DFL;
}

static void run_pending(struct thread *self, struct frame *frame)
{
	struct signal_taken taken;
	bool restart = true;

	for (;;) {
		bool ignored, found;

		lock_take(LOCK_WAIT);
		found = signal_take(self, ~self->signal_mask, &taken);
		ignored = found && signal_is_ignored(taken.signal);
		if (found)
			reset_once(&taken);
		else
			self->interrupted = false;
		lock_free(LOCK_WAIT);
		if (!found)
			break;
		act(self, frame, &taken, ignored);
		if (!ignored)
			restart &= (taken.action.flags & SA_RESTART) != 0;
	}
	self->restart = restart;
}

/* Code of an arithmetic exception, from those bits of x87 status or MXCSR that are not masked. */
static int arithmetic_code(const l4_exc_regs_t *regs, const struct _fpstate *fpu)
{
	static const unsigned char codes[] = { FPE_FLTINV, FPE_FLTUND, FPE_FLTDIV,
					       FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES };
	unsigned raised = fpu->swd & ~(unsigned)fpu->cwd;

	if (regs->trapno == TRAP_SIMD)
		raised = fpu->mxcsr & ~(fpu->mxcsr >> 7);
	for (unsigned i = 0; i < sizeof(codes); i++)
		if (raised >> i & 1)
			return codes[i];
	return FPE_FLTINV;
}

static void run_fault(struct thread *self, struct frame *frame, const struct _fpstate *fpu)
{
	struct signal_taken taken = { .signal = self->fault.signal };
	l4_umword_t trap = frame->regs.trapno;

	taken.info.si_signo = taken.signal;
	taken.info.si_code = self->fault.code;
	taken.info.si_addr = (void *)self->fault.address;
	if (trap == TRAP_FPU || trap == TRAP_SIMD)
		taken.info.si_code = arithmetic_code(&frame->regs, fpu);
	lock_take(LOCK_WAIT);
	taken.action = signal_actions[taken.signal];
	reset_once(&taken);
	lock_free(LOCK_WAIT);
	if (taken.action.handler == SIG_DFL || taken.action.handler == SIG_IGN)
		platform_exit(EXIT_OF_SIGNAL + taken.signal); /* changed since the exception */
	call_handler(self, frame, &taken);
}

static void utcb_copy(l4_utcb_t *to, const l4_utcb_t *from)
{
	to->mr = from->mr;
	to->br = from->br;
	to->tcr.error = from->tcr.error;
}

/* Called on a new frame, with the processor's extended state before it in memory. */
void signal_frame_run(struct thread *self, struct frame *frame, struct _fpstate *fpu)
{
	unsigned depth = self->depth;

	frame->regs = self->saved;
	self->depth = depth + 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	self->entering = false;
	utcb_copy(&frame->utcb, l4_utcb());
	frame->error_number = errno;
	context_fill(frame, self, fpu);
	if (frame->regs.trapno != L4_TRAP_EX_REGS)
		run_fault(self, frame, fpu);
	for (;;) {
		self->deferred = false;
		run_pending(self, frame);
		errno = frame->error_number;
		registers_fill(frame);
		utcb_copy(l4_utcb(), &frame->utcb);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		self->depth = depth;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		if (depth || !self->deferred)
			break;
		self->depth = depth + 1;
	}
}
