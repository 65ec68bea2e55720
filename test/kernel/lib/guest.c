/* SPDX-License-Identifier: MIT */
/* Guests of tests: handler, commands, code. */
#include "guest.h"

#include <l4/sys/task.h>
#include <l4/sys/thread.h>

#define STATE_AREA 0x7ffd000000UL
enum { TRAP_UD = 6, TRAP_PAGE_FAULT = 14, FAULT_WRITE = 2, HANDLER_STACK = 8192 };

static struct guest guests[GUESTS_MAX];
static char stacks[GUESTS_MAX][HANDLER_STACK] __attribute__((aligned(16)));
static volatile bool wanted[GUESTS_MAX]; /* the main thread has a command */

void guest_entry(void);
void guest_handler(l4_vcpu_state_t *state, l4_umword_t sp);

__asm__(".text\n"
	"guest_entry:\n\t"
	"mov %rsp, %rsi\n\t"
	"sub $256, %rsp\n\tand $-16, %rsp\n\t"
	"call guest_handler\n\tud2\n"
	".globl guest_code_start, guest_code_end\n"
	".balign 16\nguest_code_start:\n\tmov (%rdi), %rax\n\tud2\n"
	".balign 16\n\tmov %rsi, (%rdi)\n\tud2\n"
	".balign 16\n\tjmp *%rdi\n"
	".balign 16\n1:\tinc %rax\n\tjmp 1b\n"
	".balign 16\n\tsyscall\n\tud2\n"
	".balign 16\n1:\tincl (%rdi)\n\tjmp 1b\n"
	".balign 16\n\txorps %xmm0, %xmm0\n\tud2\n"
	".balign 16\n1:\tlea (%rdi, %rcx), %rax\n\tcmp %rax, (%rax)\n\tjne 2f\n"
	"\tadd %rdx, %rcx\n\tand %rsi, %rcx\n\tjmp 1b\n2:\tint3\n"
	".org guest_code_start + 0xa0\n\t.code32\n\tinc %eax\n\tinc %edi\n\tud2\n"
	".balign 16\n\tint $0x80\n"
	".balign 16\n\tsysenter\n\t.code64\n"
	"guest_code_end:\n");
extern const char guest_code_start[], guest_code_end[];

void *guest_code(void)
{
	static void *page;

	if (!page)
		page = mem_alloc(L4_PAGESHIFT);
	return memcpy(page, guest_code_start, (size_t)(guest_code_end - guest_code_start));
}

/* --- In the guest's thread --- */

static void load_command(struct guest *g)
{
	volatile l4_vcpu_state_t *s = g->state;
	volatile l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext((l4_vcpu_state_t *)s);

	memcpy((void *)&s->r, &g->regs, sizeof(g->regs));
	s->saved_state = g->mode;
	s->arch_state.host_ds = s->arch_state.host_es = g->host_ds;
	if (g->task != 1)
		s->user_task = g->task;
	if (g->process != 1)
		e->process_view = g->process;
	if (g->kernel != 1)
		e->kernel_view = g->kernel;
	g->task = g->process = g->kernel = 1;
	e->flags = g->ext.flags;
	e->shim_start = g->ext.shim_start;
	e->shim_end = g->ext.shim_end;
	e->deadline = g->ext.deadline;
}

static void note_entry(struct guest *g)
{
	const volatile l4_vcpu_state_t *s = g->state;

	memcpy(&g->regs, (const void *)&s->r, sizeof(g->regs));
	memcpy(&g->ext, l4_zw_vcpu_ext((l4_vcpu_state_t *)s), sizeof(g->ext));
	g->saved_state = s->saved_state;
	g->label = s->i.label;
}

static long resume(void)
{
	return l4_error(
	    l4_thread_vcpu_resume_commit(L4_INVALID_CAP, l4_thread_vcpu_resume_start()));
}

/* Take commands for ever. */
static void obey(struct guest *g)
{
	for (;;) {
		while (!READ(wanted[g->number]))
			sleep_us(100);
		WRITE(wanted[g->number], false);
		load_command(g);
		g->error = resume();
		g->regs.trapno = GUEST_ERROR;
		ADD(g->entries, 1);
	}
}

void guest_handler(l4_vcpu_state_t *state, l4_umword_t sp)
{
	struct guest *g = (struct guest *)state->user_data[0];

	note_entry(g);
	g->entry_sp = sp;
	if (g->filter && g->filter(g)) {
		load_command(g);
		g->error = resume();
		g->regs.trapno = GUEST_ERROR;
	}
	ADD(g->entries, 1);
	obey(g);
}

static void guest_thread(void *argument)
{
	struct guest *g = argument;

	buffers_none();
	g->state->user_data[0] = (l4_umword_t)g;
	g->state->entry_ip = (l4_umword_t)guest_entry;
	g->state->entry_sp = (l4_umword_t)g->stack + HANDLER_STACK;
	obey(g);
}

/* --- In the main thread --- */

void guest_registers(struct guest *g, l4_addr_t ip)
{
	memset(&g->regs, 0, sizeof(g->regs));
	g->regs.ip = ip;
	g->regs.cs = 0x33;
	g->regs.ss = g->regs.ds = g->regs.es = 0x2b;
	g->regs.flags = 0x202;
}

static struct guest *take_slot(void)
{
	for (unsigned i = 0; i < GUESTS_MAX; i++)
		if (!guests[i].thread) {
			memset(&guests[i], 0, sizeof(guests[i]));
			guests[i].number = i;
			return &guests[i];
		}
	tap_bail("the test uses more than %u guests", GUESTS_MAX);
}

struct guest *guest_start(struct task *t, unsigned cpu)
{
	struct guest *g = take_slot();
	l4_addr_t state = STATE_AREA + g->number * PAGE_BYTES;
	l4_cap_idx_t task = t ? t->cap : L4_BASE_TASK_CAP;
	long err;

	l4_task_add_ku_mem(task,
			   l4_fpage(state, L4_PAGESHIFT, 0)); /* there from an earlier guest? */
	g->state = (volatile l4_vcpu_state_t *)state;
	g->stack = stacks[g->number];
	g->host_ds = 0x2b;
	g->thread = thread_create(t ? t : &root_task, guest_thread, g);
	WRITE(wanted[g->number], false);
	err = l4_error(l4_zw_thread_vcpu_control_ext(g->thread->cap, state));
	if (err < 0)
		tap_bail("extended vCPU mode cannot be switched on: %ld", err);
	guest_registers(g, 0);
	thread_start(g->thread, cpu, PRIO_GUEST);
	return g;
}

void guest_end(struct guest *g)
{
	thread_destroy(g->thread);
	g->thread = NULL;
}

void guest_go(struct guest *g, unsigned mode)
{
	g->mode = (l4_uint16_t)mode;
	g->entries = 0;
	WRITE(wanted[g->number], true);
}

unsigned guest_wait(struct guest *g, unsigned ms)
{
	return WAIT_UNTIL(READ(g->entries) > 0, ms) ? (unsigned)g->regs.trapno : GUEST_RUNS;
}

unsigned guest_run(struct guest *g, unsigned mode, unsigned ms)
{
	guest_go(g, mode);
	return guest_wait(g, ms);
}

/* --- views --- */

l4_cap_idx_t view_create(l4_cap_idx_t home, unsigned pages)
{
	l4_cap_idx_t view = cap_alloc();
	long err = l4_error(l4_zw_factory_create_view(L4_BASE_FACTORY_CAP, view, home,
						      (l4_umword_t)pages * PAGE_BYTES));

	if (err < 0)
		tap_bail("cannot create a view: %ld", err);
	return view;
}

long view_fill(l4_cap_idx_t view, l4_addr_t guest, const void *home, unsigned order,
	       unsigned rights)
{
	l4_zw_view_entry_t e = l4_zw_view_entry(guest, (l4_addr_t)home, order, rights);
	unsigned filled;
	long err = l4_error(l4_zw_view_fill(view, &e, 1, &filled));

	if (filled != (err >= 0))
		tap_bail("fill says %ld and %u entries", err, filled);
	return err;
}

long view_drop(l4_cap_idx_t view, l4_addr_t start, l4_umword_t size)
{
	l4_zw_view_range_t range = { start, size };

	return l4_error(l4_zw_view_drop(view, &range, 1));
}

/* True: the access was made. */
static bool try_access(struct guest *g, unsigned mode, l4_addr_t code, l4_addr_t a)
{
	bool write = code % PAGE_BYTES == CODE_WRITE;
	unsigned trap;

	guest_registers(g, code);
	g->regs.di = a;
	g->regs.si = 0x5151;
	trap = guest_run(g, mode, PATIENT_MS);
	if (trap == TRAP_UD)
		return true;
	if (trap != TRAP_PAGE_FAULT || g->regs.pfa != a || !(g->regs.err & FAULT_WRITE) == write)
		tap_bail(
		    "access of a guest to %lx: trap %x, error %lx, pfa %lx, ip %lx, resume %ld", a,
		    trap, g->regs.err, g->regs.pfa, g->regs.ip, g->error);
	return false;
}

unsigned guest_access(struct guest *g, unsigned mode, l4_addr_t code, l4_addr_t a)
{
	unsigned can = try_access(g, mode, code + CODE_READ, a) ? L4_FPAGE_RO : 0;

	return try_access(g, mode, code + CODE_WRITE, a) ? can | L4_FPAGE_W : can;
}

long guest_read(struct guest *g, unsigned mode, l4_addr_t code, l4_addr_t a)
{
	return try_access(g, mode, code + CODE_READ, a) ? (long)g->regs.ax : -1;
}
