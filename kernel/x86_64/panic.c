/* SPDX-License-Identifier: MIT */
/*
 * Fatal errors. The first CPU that gets here reports; others stand still. A fault while reporting
 * ends the report, and another one ends that.
 */
#include "x86_64/panic.h"
#include "core/print.h"
#include "core/string.h"
#include "core/symbols.h"
#include "kdb/kdb.h"
#include "obj/debugger.h"
#include "obj/thread.h"
#include "x86_64/backtrace.h"
#include "x86_64/insn.h"
#include "x86_64/stop.h"
#include "x86_64/walk.h"

#define TRACE_LINES	32
#define DEBUG_EXIT_PORT 0xf4 /* QEMU: exit status is value << 1 | 1 */
#define DEBUG_EXIT_CODE 0x2a
#define FIFO_DRAIN_MS	3

enum panic_action { PANIC_DEBUG, PANIC_HALT, PANIC_REBOOT, PANIC_EXIT };

static enum panic_action action;
static u32 reporter = ~0u; /* CPU that reports */
static unsigned depth;	   /* faults of the reporter */

void panic_init(const char *cmdline)
{
	char value[8];

	if (!option_get(cmdline, "panic", value, sizeof(value)))
		return;
	action = PANIC_HALT;
	if (strcmp(value, "reboot") == 0)
		action = PANIC_REBOOT;
	else if (strcmp(value, "exit") == 0)
		action = PANIC_EXIT;
}

const char *trap_name(u64 vector)
{
	static const char *const name[] = {
		"divide error",
		"debug",
		"NMI",
		"breakpoint",
		"overflow",
		"bound range",
		"invalid opcode",
		"no FPU",
		"double fault",
		"FPU segment",
		"invalid TSS",
		"segment not present",
		"stack segment",
		"general protection",
		"page fault",
		"reserved",
		"FPU error",
		"alignment check",
		"machine check",
		"SIMD error",
		"virtualization",
		"control protection",
	};

	return vector < ARRAY_SIZE(name) ? name[vector] : "interrupt";
}

static void __attribute__((noreturn)) stand_still(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void drain_output(void)
{
	u64 end = rdtsc() + tsc_khz * FIFO_DRAIN_MS;

	while (rdtsc() < end)
		pause();
}

static void __attribute__((noreturn)) finish(void)
{
	drain_output();
	if (action == PANIC_REBOOT)
		power_reset();
	if (action == PANIC_EXIT)
		outb(DEBUG_EXIT_PORT, DEBUG_EXIT_CODE);
	stand_still();
}

/* This CPU's record; NULL if there is none yet. */
static struct cpu *own_cpu(void)
{
	return rdmsr(MSR_GS_BASE) >> 63 ? this_cpu() : NULL;
}

/* back: 1 for a return address, since the call before it decides about the function; else 0. */
static void print_code_address(const char *before, u64 a, unsigned back)
{
	const char *name;
	u64 offset;

	if (symbol_lookup(a - back, &name, &offset))
		printk("%s%016lx %s+0x%lx\n", before, a, name, offset + back);
	else
		printk("%s%016lx\n", before, a);
}

static void print_trap(const struct regs *r)
{
	printk("trap %lu (%s), error %lx", r->vector, trap_name(r->vector), r->error);
	if (r->vector == 14)
		printk(": %s of %016lx, %s",
		       r->error & 0x10 ? "execution"
		       : r->error & 2  ? "write"
				       : "read",
		       read_cr2(), r->error & 1 ? "protection" : "not present");
	printk("\n");
}

static void print_regs(const struct regs *r)
{
	print_code_address("rip ", r->rip, 0);
	printk("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
	printk("rsi %016lx rdi %016lx rbp %016lx rsp %016lx\n", r->rsi, r->rdi, r->rbp, r->rsp);
	printk("r8  %016lx r9  %016lx r10 %016lx r11 %016lx\n", r->r8, r->r9, r->r10, r->r11);
	printk("r12 %016lx r13 %016lx r14 %016lx r15 %016lx\n", r->r12, r->r13, r->r14, r->r15);
	printk("cs %lx ss %lx rflags %lx\n", r->cs, r->ss, r->rflags);
}

static void print_control_regs(void)
{
	printk("cr0 %lx cr2 %016lx cr3 %lx cr4 %lx efer %lx gs %016lx\n", read_cr0(), read_cr2(),
	       read_cr3(), read_cr4(), rdmsr(MSR_EFER), rdmsr(MSR_GS_BASE));
}

static void print_walk(u64 va)
{
	struct page_walk w;

	page_walk(read_cr3(), va, &w);
	printk("page tables of %016lx:", va);
	for (unsigned i = 0; i < w.levels; i++)
		printk(" %016lx", w.entry[i]);
	printk(w.present ? " -> %016lx\n" : " (not mapped)\n", w.pa);
}

static void print_object(const char *what, const struct kobject *o)
{
	char name[KOBJECT_NAME_BYTES];

	printk("%s %lu \"%s\"", what, o->id, kobject_name(o, name));
}

static void print_current(const struct cpu *c)
{
	const struct thread *t = c ? c->current : NULL;

	if (!t || !address_readable((u64)t) || !address_readable((u64)(t + 1)))
		return;
	print_object("thread", &t->obj);
	printk(", %s, priority %u, ip %016lx, sp %016lx", thread_state_name(t), t->prio,
	       t->regs.rip, t->regs.rsp);
	if (t->task && address_readable((u64)t->task))
		print_object(", task", &t->task->obj);
	printk("\n");
}

static void print_backtrace(const struct cpu *c, u64 rsp)
{
	u64 addr[TRACE_LINES];
	unsigned n = backtrace_scan(c, rsp, addr, TRACE_LINES);

	printk("back-trace:\n");
	for (unsigned i = 0; i < n; i++)
		print_code_address("  ", addr[i], 1);
}

/* Returns on the CPU that is to report, the first time. */
static void begin(const struct regs *r)
{
	u32 nobody = ~0u, own = stop_own_number();

	__asm__ volatile("cli");
	if (__atomic_compare_exchange_n(&reporter, &nobody, own, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST)) {
		cpus_stop_forever();
		console_emergency();
		return;
	}
	if (nobody != own || ++depth > 1)
		stand_still();
	printk("\n*** fault while reporting: trap %lu, error %lx, rip %016lx, cr2 %016lx\n",
	       r ? r->vector : 0, r ? r->error : 0, r ? r->rip : 0, read_cr2());
	finish();
}

static void __attribute__((noreturn)) report(const struct regs *r)
{
	struct cpu *c = own_cpu();

	print_regs(r);
	print_control_regs();
	if (r->vector == 14 || r->vector == 8)
		print_walk(read_cr2());
	print_current(c);
	if (!(r->cs & 3))
		print_backtrace(c, r->rsp);
	if (action == PANIC_DEBUG)
		kdb_panic(r);
	finish();
}

void panic_trap(struct regs *r)
{
	kdb_fault(r);
	begin(r);
	printk("\n*** kernel panic on CPU %u: ", stop_own_number());
	print_trap(r);
	report(r);
}

/*
 * panic() notes what its caller had in the registers that calls preserve, before any C code changes
 * them, and goes on in panic_report() with the arguments untouched.
 */
struct regs caller_regs;
void panic_report(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
__asm__(".pushsection .text.panic, \"ax\", @progbits\n"
	".globl panic\n"
	".hidden panic\n"
	".type panic, @function\n"
	"panic: cli\n"
	"lea caller_regs(%rip), %r11\n"
	"mov %r15, (%r11); mov %r14, 8(%r11); mov %r13, 16(%r11); mov %r12, 24(%r11)\n"
	"mov %rbp, 80(%r11); mov %rbx, 96(%r11); mov %rsp, 168(%r11)\n"
	"jmp panic_report\n"
	".size panic, . - panic\n"
	".popsection");
_Static_assert(offsetof(struct regs, r12) == 24 && offsetof(struct regs, rbp) == 80 &&
		   offsetof(struct regs, rbx) == 96 && offsetof(struct regs, rsp) == 168,
	       "offsets in panic");

void panic_report(const char *fmt, ...)
{
	va_list ap;

	begin(NULL);
	caller_regs.rip = *(u64 *)caller_regs.rsp;
	caller_regs.cs = SEL_KERNEL_CODE;
	caller_regs.ss = SEL_KERNEL_DATA;
	caller_regs.rflags = read_rflags();
	printk("\n*** kernel panic on CPU %u: ", stop_own_number());
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
	printk("\n");
	report(&caller_regs);
}

void panic_nmi(struct regs *r)
{
	if (!stop_nmi(r) && reporter == ~0u)
		kdb_enter("NMI", 3);
}
