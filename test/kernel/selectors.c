/* SPDX-License-Identifier: MIT */
/*
 * Selectors: those of user mode and those that the Xen interface reserves can be loaded, by an
 * iretq of user mode too; others cannot. 32-bit code runs, and its ways of making a system call are
 * exceptions, or entries of a vCPU.
 */
#include "guest.h"
#include "victim.h"

#include <l4/sys/thread.h>
#include <l4/zwinger/wellknown.h>

#define CODE   0x10000000UL /* of the guest */
#define LOW_SP 0x10000f00UL
enum {
	TRAP_UD = 6,
	TRAP_GP = 13,
	TRAP_SYSCALL = 0xfd,
	INT80_ERROR = 0x80 * 8 + 2,
	INT80_QEMU = 0x80 * 16 + 2
};

static const l4_uint16_t good[] = { 0,
				    0x1b,
				    L4_ZW_USER_CS32,
				    L4_ZW_USER_DS,
				    L4_ZW_USER_CS64,
				    L4_ZW_XEN_CS32,
				    L4_ZW_XEN_DS,
				    L4_ZW_XEN_CS64 };
static const l4_uint16_t bad[] = { 0x08, 0x10, 0x40, 0x80, 0xe03b, 0xe043, 0x103, 0xfffb };

/* --- data segments --- */

void load_data(void *selector);
__asm__(".text\nload_data:\n\tmov %edi, %ds\n\tmov %edi, %es\n\tmov %edi, %fs\n"
	"\tmov $0x2b, %edi\n\tmov %edi, %ds\n\tmov %edi, %es\n\txor %edi, %edi\n\tmov %edi, %fs\n"
	"\tret\n");

/* Trap of a thread that runs function(argument), 0 if it comes to its end. */
static l4_umword_t trap_of(void (*function)(void *), l4_umword_t argument)
{
	l4_umword_t trap = 0;
	l4_msgtag_t tag;

	victim_start(&root_task, function, (void *)argument);
	tag = l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 20000));
	if (ipc_error(tag) == 0)
		trap = l4_msgtag_is_exception(tag) ? l4_utcb_exc()->trapno : 0x1000;
	thread_destroy(victim);
	return trap;
}

static void test_data(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
		tap_is((long)trap_of(load_data, good[i]), 0, "data selector %x is loaded", good[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		tap_is((long)trap_of(load_data, bad[i]), TRAP_GP, "data selector %x is refused",
		       bad[i]);
}

/* --- limits and rights: LSL and LAR --- */

static bool describe(l4_uint16_t selector, uint32_t *limit, uint32_t *rights)
{
	bool ok;

	__asm__ volatile("lsl %3, %1\n\tlar %3, %2\n\tsetz %0"
			 : "=q"(ok), "=r"(*limit), "=r"(*rights)
			 : "r"((uint32_t)selector)
			 : "cc");
	return ok;
}

static void test_flat(void)
{
	for (unsigned i = 2; i < ARRAY_SIZE(good); i++) {
		uint32_t limit = 0, rights = 0;
		bool code64 = good[i] == L4_ZW_USER_CS64 || good[i] == L4_ZW_XEN_CS64;

		tap_ok(describe(good[i], &limit, &rights) && limit == 0xffffffff &&
			   (rights >> 13 & 3) == 3 && (rights >> 21 & 1) == code64,
		       "selector %x: flat, ring 3, %s", good[i], code64 ? "64 bits" : "32 bits");
	}
}

/* --- iretq in user mode --- */

static l4_umword_t iret_to(l4_umword_t cs, l4_umword_t ss)
{
	l4_umword_t result;

	__asm__ volatile("mov %%rsp, %%rax\n\tpush %2\n\tpush %%rax\n\tpushfq\n\tpush %1\n"
			 "\tlea 1f(%%rip), %%rax\n\tpush %%rax\n\tiretq\n"
			 "1:\tmov %%cs, %%eax\n\tmov %%ss, %%ecx\n\tshl $16, %%rcx\n"
			 "\tor %%rcx, %%rax\n"
			 : "=&a"(result)
			 : "r"(cs), "r"(ss)
			 : "rcx", "memory", "cc");
	return result;
}

static bool has_smap(void)
{
	uint32_t a = 7, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 20 & 1;
}

/* QEMU up to 7.2 makes an iretq of ring 3 fault if SMAP is on. */
static void test_iret(void)
{
	static const l4_uint16_t pairs[][2] = { { L4_ZW_XEN_CS64, L4_ZW_XEN_DS },
						{ L4_ZW_USER_CS64, L4_ZW_XEN_DS },
						{ L4_ZW_XEN_CS64, L4_ZW_USER_DS },
						{ L4_ZW_USER_CS64, L4_ZW_USER_DS } };

	for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (has_smap())
			tap_skip("emulators fault here", "iretq in user mode to %x", pairs[i][0]);
		else
			tap_is((long)iret_to(pairs[i][0], pairs[i][1]),
			       pairs[i][0] | (long)pairs[i][1] << 16,
			       "iretq in user mode to %x, %x", pairs[i][0], pairs[i][1]);
	}
}

/* --- 32-bit code of an ordinary thread --- */

/* Offset and selector for a far jump. (A far return would do as well, but see test_iret.) */
struct {
	uint32_t offset;
	uint16_t selector;
} __attribute__((packed)) far_pointer = { 0, L4_ZW_USER_CS32 };

void go_32(void *function);
void int80_32(void), syscall_32(void), sysenter_32(void), back_32(void);
__asm__(".text\n"
	"go_32:\n\tmov %edi, far_pointer(%rip)\n\tljmp *far_pointer(%rip)\n"
	".code32\n"
	"int80_32:\tint $0x80\n\tud2\n"
	"syscall_32:\tsyscall\n\tud2\n"
	"sysenter_32:\tsysenter\n\tud2\n"
	/* 0x40 is inc %eax here and a prefix in 64-bit code */
	"back_32:\txor %eax, %eax\n\t.byte 0x40, 0x40\n\tmov %eax, victim_value\n"
	"\tud2\n"
	".code64\n");

static void try_32(void (*code)(void), l4_umword_t trap, l4_umword_t trap_too, const char *name)
{
	l4_msgtag_t tag;

	victim_start(&root_task, go_32, (void *)code);
	tag = next_message();
	tap_ok(l4_msgtag_is_exception(tag), "32-bit %s: an exception", name);
	tap_ok(l4_utcb_exc()->trapno == trap || l4_utcb_exc()->trapno == trap_too,
	       "32-bit %s: trap %lu", name, l4_utcb_exc()->trapno);
	tap_ok(l4_utcb_exc()->ip == (l4_umword_t)code, "32-bit %s: at the instruction", name);
	tap_is((long)l4_utcb_exc()->dummy1, L4_ZW_USER_CS32, "32-bit %s: code selector", name);
	thread_destroy(victim);
}

static void test_32bit(void)
{
	victim_value = 0;
	victim_start(&root_task, go_32, (void *)back_32);
	next_message();
	tap_is((long)victim_value, 2, "32-bit code is executed as such");
	thread_destroy(victim);
	try_32(int80_32, TRAP_GP, TRAP_GP, "int 0x80");
	try_32(syscall_32, TRAP_UD, TRAP_UD, "syscall");
	try_32(sysenter_32, TRAP_GP, TRAP_UD, "sysenter");
}

/* --- guests --- */

static struct guest *g;

static unsigned run(unsigned offset, l4_umword_t cs, l4_umword_t ss)
{
	guest_registers(g, CODE + offset);
	g->regs.cs = cs;
	g->regs.ss = ss;
	g->regs.sp = LOW_SP;
	g->regs.di = 0x1111;
	return guest_run(g, GUEST_USER, 1000);
}

static void test_guest(void)
{
	tap_is(run(CODE_READ + 3, L4_ZW_XEN_CS64, L4_ZW_XEN_DS), TRAP_UD, "guest at e033");
	tap_ok(g->regs.cs == L4_ZW_XEN_CS64 && g->regs.ss == L4_ZW_XEN_DS,
	       "guest: the state shows cs and ss");
	tap_is(run(CODE_32, L4_ZW_XEN_CS32, L4_ZW_XEN_DS), TRAP_UD, "guest at e023");
	tap_ok(g->regs.cs == L4_ZW_XEN_CS32 && g->regs.di == 0x1112, "guest: runs 32-bit code");
	tap_is(run(CODE_32, L4_ZW_USER_CS32, L4_ZW_USER_DS), TRAP_UD, "guest at 23");
	tap_ok(g->regs.cs == L4_ZW_USER_CS32 && g->regs.di == 0x1112, "guest: 32-bit code too");
	tap_is(run(CODE_READ + 3, 0x08, 0x10), TRAP_UD, "guest with selectors of the kernel");
	tap_ok(g->regs.cs == L4_ZW_USER_CS64 && g->regs.ss == L4_ZW_USER_DS,
	       "guest: gets those of user mode");
	tap_is(run(CODE_INT80, L4_ZW_USER_CS32, L4_ZW_USER_DS), TRAP_GP, "guest: int 0x80");
	tap_ok(g->regs.err == INT80_ERROR || g->regs.err == INT80_QEMU,
	       "guest: error code of int 0x80");
	tap_ok(g->regs.ip == CODE + CODE_INT80, "guest: at the instruction");
	tap_is(run(CODE_SYSCALL, L4_ZW_USER_CS32, L4_ZW_USER_DS), TRAP_SYSCALL,
	       "guest: syscall of 32-bit code");
	tap_is((long)g->regs.cs, L4_ZW_USER_CS32, "guest: with its code selector");
	tap_ok(g->regs.ip == CODE + CODE_SYSCALL, "guest: at the instruction");
	tap_is((long)(g->regs.r11 & 0x200), 0x200, "guest: r11 is the flags");
	tap_is((long)g->regs.sp, LOW_SP, "guest: stack pointer");
	tap_ok(run(CODE_SYSENTER, L4_ZW_USER_CS32, L4_ZW_USER_DS) == TRAP_GP ||
		   g->regs.trapno == TRAP_UD,
	       "guest: sysenter");
}

void test_main(void)
{
	l4_cap_idx_t view = view_create(L4_BASE_TASK_CAP, 64);

	victim_init();
	test_data();
	test_flat();
	test_iret();
	test_32bit();
	view_fill(view, CODE, guest_code(), 12, L4_FPAGE_RX);
	g = guest_start(NULL, 0);
	g->process = view;
	test_guest();
	guest_end(g);
}
