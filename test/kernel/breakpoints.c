/* SPDX-License-Identifier: MIT */
/* Debug registers of threads: hits on data and code, what is refused, and that each has its own. */
#include "guest.h"
#include "victim.h"

#include <l4/sys/thread.h>
#include <l4/zwinger/thread.h>
#include <l4/zwinger/wellknown.h>

#define CODE	    0x10000000UL /* of the guest */
#define DATA	    0x20000000UL
#define KDATA	    0xffffc90000000000UL
#define TRAP_FLAG   0x100UL
#define RESUME_FLAG 0x10000UL

enum { TRAP_DB = 1, TRAP_UD = 6, SINGLE_STEP = 1 << 14, HITS = 15 };
enum { ON_CODE = 0, ON_WRITE = 1, ON_PORT = 2, ON_ACCESS = 3 };

static volatile uint64_t word[2] __attribute__((aligned(16)));

/* Control word with break point n on, of a kind and for 1, 2, 4, 8 bytes. */
static l4_umword_t control(unsigned n, unsigned kind, unsigned bytes)
{
	static const uint8_t length[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };

	return 1UL << 2 * n | (kind | (l4_umword_t)length[bytes] << 2) << (16 + 4 * n);
}

static long set(l4_cap_idx_t thread, unsigned n, l4_addr_t address, l4_umword_t dr7)
{
	l4_umword_t addresses[L4_ZW_BREAKPOINTS] = { 0 };

	addresses[n] = address;
	return l4_zw_thread_debug_set_u(thread, addresses, dr7, l4_utcb());
}

static long clear(l4_cap_idx_t thread)
{
	return set(thread, 0, 0, 0);
}

/* --- What is refused --- */

static void test_refused(void)
{
	l4_cap_idx_t self = L4_BASE_THREAD_CAP;

	tap_is(set(self, 0, L4_ZW_KERNEL_START, control(0, ON_WRITE, 1)), -L4_EINVAL,
	       "the kernel's first byte");
	tap_is(set(self, 3, L4_ZW_KERNEL_END - 1, control(3, ON_CODE, 1)), -L4_EINVAL,
	       "the kernel's last byte");
	tap_is(set(self, 1, L4_ZW_KERNEL_END, control(1, ON_WRITE, 1)), 0, "behind the kernel");
	tap_is(set(self, 1, L4_ZW_KERNEL_START - 1, control(1, ON_WRITE, 1)), -L4_EINVAL,
	       "an address that is none");
	tap_is(set(self, 2, 0x80, control(2, ON_PORT, 1)), -L4_EINVAL, "a port");
	tap_is(set(self, 2, 0x80, control(2, ON_CODE, 4)), -L4_EINVAL, "four bytes of code");
	tap_is(set(self, 2, L4_ZW_KERNEL_START, control(1, ON_WRITE, 1)), 0,
	       "any address, if it is not enabled");
	tap_is(set(self, 0, 0, 0x2c00), 0, "protection of the registers themselves has no effect");
	tap_is(clear(self), 0, "none");
}

/* --- Threads --- */

void write_words(void *at);
extern const char write_second[], write_read[], write_end[];
__asm__(".text\n"
	"write_words:\n\tmovl $1, (%rdi)\n"
	"write_second:\n\tmovl $2, 8(%rdi)\n"
	"write_read:\n\tmov (%rdi), %eax\n"
	"write_end:\n\tud2\n");

static void start(l4_addr_t address, l4_umword_t dr7)
{
	victim = thread_create(&root_task, write_words, (void *)word);
	thread_set_pager(victim, FAULT_CAP);
	thread_set_handler(victim, FAULT_CAP);
	if (set(victim->cap, 0, address, dr7))
		tap_bail("no debug registers");
	thread_start(victim, 0, PRIO_VICTIM);
	next_message();
}

static void go_on(l4_umword_t flags)
{
	l4_utcb_exc()->flags |= flags;
	answer_and_wait(l4_msgtag(0, L4_UTCB_EXCEPTION_REGS_SIZE, 0, 0));
}

static void at(const char *place, unsigned trap, l4_umword_t hits, const char *name)
{
	const l4_exc_regs_t *e = l4_utcb_exc();

	tap_ok(e->trapno == trap && e->ip == (l4_addr_t)place, "%s: trap %lu", name, e->trapno);
	if (trap == TRAP_DB)
		tap_is((long)(e->pfa & (HITS | SINGLE_STEP)), (long)hits, "%s: status", name);
}

static void test_data(void)
{
	start((l4_addr_t)&word[1], control(0, ON_WRITE, 4));
	at(write_read, TRAP_DB, 1, "write");
	go_on(0);
	at(write_end, TRAP_UD, 0, "write, and on");
	thread_destroy(victim);

	start((l4_addr_t)&word[0], control(0, ON_ACCESS, 8));
	at(write_second, TRAP_DB, 1, "access");
	go_on(0);
	at(write_end, TRAP_DB, 1, "access: reading");
	clear(victim->cap);
	go_on(0);
	at(write_end, TRAP_UD, 0, "access, and on");
	thread_destroy(victim);

	start((l4_addr_t)&word[0], control(0, ON_WRITE, 8) & ~3UL);
	at(write_end, TRAP_UD, 0, "not enabled");
	thread_destroy(victim);
}

static void test_code(void)
{
	start((l4_addr_t)write_read, control(0, ON_CODE, 1));
	at(write_read, TRAP_DB, 1, "code");
	go_on(RESUME_FLAG);
	at(write_end, TRAP_UD, 0, "code, and on");
	thread_destroy(victim);

	start((l4_addr_t)write_words, control(0, ON_CODE, 1));
	at((const char *)write_words, TRAP_DB, 1, "first instruction");
	clear(victim->cap);
	go_on(TRAP_FLAG);
	at(write_second, TRAP_DB, SINGLE_STEP, "single step");
	thread_destroy(victim);
}

/* An instruction that is a step and a hit; emulators may lose its place (kernel/x86_64/trap.c). */
static void test_both(void)
{
	const l4_exc_regs_t *e = l4_utcb_exc();

	start((l4_addr_t)write_words, control(0, ON_CODE, 1));
	tap_is(set(victim->cap, 0, (l4_addr_t)&word[0], control(0, ON_WRITE, 4)), 0, "a word");
	go_on(TRAP_FLAG);
	tap_ok(e->trapno == TRAP_DB && (e->ip == (l4_addr_t)write_second || !e->ip),
	       "a hit and a step at once: trap %lu", e->trapno);
	thread_destroy(victim);
}

/* Others write to the word, on the same CPU, while a thread that watches it sleeps. */
static void test_own(void)
{
	start((l4_addr_t)&word[1], control(0, ON_WRITE, 4));
	word[1] = 5;
	tap_is((long)word[1], 5, "a watched word can be written by others");
	sleep_us(1000);
	word[1] = 6;
	go_on(0);
	at(write_end, TRAP_UD, 0, "watched word");
	thread_destroy(victim);
	word[1] = 7;
	sleep_us(1000);
	word[1] = 8;
	tap_is((long)word[1], 8, "nobody watches it any more");
}

void sleep_first(void *at);
__asm__(".text\n"
	"sleep_first:\n\tmov $0x802, %edx\n\txor %eax, %eax\n\tmov $0x107d, %r8d\n\tsyscall\n"
	"\tud2\n");

/* A thread that never had debug registers runs right after one that watches the word: both wait
 * until this one does. */
static void test_next(void)
{
	struct thread *writer = thread_create(&root_task, write_words, (void *)word);

	thread_set_pager(writer, FAULT_CAP);
	thread_set_handler(writer, FAULT_CAP);
	victim = thread_create(&root_task, sleep_first, NULL);
	thread_set_pager(victim, FAULT_CAP);
	thread_set_handler(victim, FAULT_CAP);
	set(victim->cap, 0, (l4_addr_t)&word[0], control(0, ON_WRITE, 8));
	thread_start(writer, 0, PRIO_MAIN - 2);
	thread_start(victim, 0, PRIO_MAIN - 1);
	next_message();
	at(write_end, TRAP_UD, 0, "who runs next");
	thread_destroy(writer);
	thread_destroy(victim);
}

/* --- Guests --- */

static struct guest *g;

static unsigned run(unsigned mode, unsigned offset, l4_addr_t a)
{
	guest_registers(g, CODE + offset);
	g->regs.di = a;
	return guest_run(g, mode, 1000);
}

static void test_mode(unsigned mode, l4_addr_t a, const char *name)
{
	l4_cap_idx_t thread = g->thread->cap;

	tap_is(set(thread, 2, a, control(2, ON_WRITE, 8)), 0, "%s: a break point", name);
	tap_is(run(mode, CODE_READ, a), TRAP_UD, "%s: reading is no write", name);
	tap_is(run(mode, CODE_WRITE, a), TRAP_DB, "%s: a write", name);
	tap_is((long)(g->regs.pfa & (HITS | SINGLE_STEP)), 4, "%s: status", name);
	tap_is((long)g->regs.ip, (long)(CODE + CODE_WRITE + 3), "%s: behind the instruction", name);
	tap_is(run(mode, CODE_WRITE, a + 8), TRAP_UD, "%s: another word", name);
	tap_is(set(thread, 2, CODE + CODE_READ, control(2, ON_CODE, 1)), 0, "%s: on code", name);
	tap_is(run(mode, CODE_READ, a), TRAP_DB, "%s: code", name);
	g->regs.flags |= RESUME_FLAG;
	tap_is(guest_run(g, mode, 1000), TRAP_UD, "%s: code, and on", name);
	tap_is(clear(thread), 0, "%s: none", name);
	tap_is(run(mode, CODE_WRITE, a), TRAP_UD, "%s: no hit any more", name);
}

static void test_guest(void)
{
	l4_cap_idx_t view = view_create(L4_BASE_TASK_CAP, 64);
	void *page = mem_alloc(L4_PAGESHIFT);

	view_fill(view, CODE, guest_code(), 12, L4_FPAGE_RX);
	view_fill(view, DATA, page, 12, L4_FPAGE_RW);
	view_fill(view, KDATA, page, 12, L4_FPAGE_RW);
	g = guest_start(NULL, 0);
	g->process = view;
	test_mode(GUEST_USER, DATA, "guest");
	test_mode(GUEST_KERNEL, KDATA, "guest kernel");
	guest_end(g);
}

void test_main(void)
{
	victim_init();
	test_refused();
	test_data();
	test_code();
	test_both();
	test_own();
	test_next();
	test_guest();
}
