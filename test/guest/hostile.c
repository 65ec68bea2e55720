/* SPDX-License-Identifier: MIT */
/*
 * A guest kernel that uses its shim against the outside: it makes system calls of its own with the
 * shim's instruction, on every capability that it has, and writes nonsense into what vmm reads. It
 * may come to grief itself; nobody else may. A word `N` of the command line says what it does
 * first.
 */
#include "lib/kernel.h"

#include <l4/sys/vcpu.h>

#include "guest/requests.h"
#include "guest/start.h"
#include "xen/event.h"
#include "xen/ring.h"

enum { STACK_WORDS = 512, SCAN_BYTES = 0xa000, ALL_WORDS = 63 };
enum { PROTO_PAGE_FAULT = -2, PROTO_EXCEPTION = -5, PROTO_TASK = -11, PROTO_THREAD = -12 };
enum { PROTO_FACTORY = -15, PROTO_META = -21, PROTO_IRQ = -1, PROTO_VIEW = -64 };
enum { SLOT_SHIFT = 12, FAULTS_SLOT = 192, SYSF_CALL = 3 };

static const struct guest_start *record = (const struct guest_start *)GUEST_START;
extern uint64_t returns[], saved_stack; /* the assembler code uses them */
uint64_t returns[STACK_WORDS];
uint64_t saved_stack;

/* The code behind the instruction is the shim's; whatever it pops, it returns to us. */
__asm__(".globl system_call, come_back\n"
	"system_call:\n\t"
	"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
	"mov %rsp, saved_stack(%rip)\n\t"
	"mov %rdi, %rcx\n\t"
	"mov %rsi, %rax\n\t"
	"xor %esi, %esi\n\txor %r8d, %r8d\n\txor %edi, %edi\n\t"
	"lea returns(%rip), %rsp\n\t"
	"jmp *%rcx\n"
	"come_back:\n\t"
	"mov saved_stack(%rip), %rsp\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
	"ret\n");
void system_call(uint64_t instruction, uint64_t tag, uint64_t destination);
void come_back(void);

/* Is there nothing but pops up to a return? */
static bool returns_soon(const uint8_t *code)
{
	enum { PREFIX = 0x41, POP = 0x58, POP_MASK = 0xf8, RETURN = 0xc3 };

	while (*code == PREFIX || (*code & POP_MASK) == POP)
		code++;
	return *code == RETURN;
}

/* An instruction `syscall` of the shim, if possible at the end of a function. */
static uint64_t find_instruction(void)
{
	const uint8_t *text = (const uint8_t *)GUEST_SHIM_ENTRY, *any = NULL;

	for (uint64_t i = 0; i < SCAN_BYTES; i++) {
		if (text[i] != 0x0f || text[i + 1] != 0x05)
			continue;
		any = text + i;
		if (returns_soon(text + i + 2))
			break;
	}
	return (uint64_t)any;
}

/* A call with so many words, the first ones given. */
static void call(uint64_t cap, long label, unsigned words, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t *mr = (uint64_t *)record->vcpu[0].utcb;
	uint64_t tag = ((uint64_t)label << 16) | words;

	for (unsigned i = 0; i < STACK_WORDS; i++)
		returns[i] = (uint64_t)come_back;
	for (unsigned i = 3; i < ALL_WORDS; i++)
		mr[i] = ~0UL;
	mr[0] = a;
	mr[1] = b;
	mr[2] = c;
	system_call(find_instruction(), tag, cap | SYSF_CALL);
}

/* Indices of the ring that make no sense, then a notification. */
static void ring(void)
{
	struct xen_console_ring *r = at_frame(start_info->console_frame);
	uint32_t send = start_info->console_port;

	for (unsigned i = 0; i < 64; i++) {
		r->out_prod = 0x9e3779b9 * i;
		r->out_cons = 0x7f4a7c15 * i;
		r->in_cons = 0x85ebca6b * i;
		hypercall(XEN_CALL_EVENT_CHANNEL_OP, XEN_EVENT_SEND, (uint64_t)&send, 0, 0, 0);
	}
}

static void overwrite(uint64_t from, uint64_t bytes)
{
	for (volatile uint64_t *p = (volatile uint64_t *)from; bytes; bytes -= 8)
		*p++ = 0x1000bad;
}

static void requests(unsigned which)
{
	static const struct {
		long label;
		unsigned words;
		uint64_t a, b, c;
	} all[] = {
		{ GUEST_PROTO, 0, 0, 0, 0 },
		{ GUEST_PROTO, 1, 99, 0, 0 },
		{ GUEST_PROTO, 63, GUEST_CONSOLE_WRITE, ~0UL, 0 },
		{ GUEST_PROTO, 2, GUEST_CONSOLE_WRITE, 400, 0 },
		{ GUEST_PROTO, 63, GUEST_CONSOLE_WRITE, 401, 0 },
		{ GUEST_PROTO, 63, GUEST_CRASH, 0, ~0UL },
		{ GUEST_PROTO, 2, GUEST_SHUTDOWN, 77, 0 },
		{ GUEST_PROTO, 63, GUEST_RELEASE, 0, ~0UL - 10 },
		{ GUEST_PROTO, 3, GUEST_POPULATE, 9, 1UL << 60 },
		{ GUEST_PROTO, 3, GUEST_RELEASE, ~0UL, 0 },
		{ PROTO_META, 63, 0, 0, 0 },
		{ PROTO_PAGE_FAULT, 2, 0, 0, 0 },
		{ PROTO_FACTORY, 63, ~0UL, 0, 0 },
		{ -32768, 63, ~0UL, 0, 0 },
	};

	if (which < sizeof(all) / sizeof(*all))
		call(record->vmm, all[which].label, all[which].words, all[which].a, all[which].b,
		     all[which].c);
}

/* Whatever the objects of the kernel do with it. */
static void objects(unsigned which)
{
	static const long labels[] = { PROTO_TASK, PROTO_THREAD,  PROTO_IRQ,	  PROTO_VIEW,
				       PROTO_META, PROTO_FACTORY, PROTO_EXCEPTION };
	const uint64_t caps[] = { record->task,
				  record->vcpu[0].thread,
				  record->vcpu[0].kick,
				  record->notify,
				  record->kernel_view,
				  record->process_views[0],
				  FAULTS_SLOT << SLOT_SHIFT };

	for (unsigned i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		for (uint64_t op = 0; op < 24; op++)
			call(caps[which % 7], labels[i], 63, op, ~0UL << 12, ~0UL);
}

/* The bits of a flexpage that is everything. */
static void unmap_all(void)
{
	call(record->task, PROTO_TASK, 3, 1, 0x80000000, 63UL << 6 | 0x3f);
	call(record->task, PROTO_TASK, 3, 1, 0xc0000000, 63UL << 6 | 0x0f);
}

/* Its faults are not to reach vmm any more; then it has nothing but faults. */
static void deafen(void)
{
	enum { SET_PAGER = 0x10000, SET_HANDLER = 0x1000000, CONTROL_WORDS = 6 };

	call(record->vcpu[0].thread, PROTO_THREAD, CONTROL_WORDS, SET_PAGER | SET_HANDLER,
	     record->task, record->task);
	((l4_vcpu_state_t *)record->vcpu[0].state)->entry_ip = 0xbadbadbadbad;
	__asm__ volatile("ud2");
}

static void act(unsigned which)
{
	if (which < 14)
		requests(which);
	else if (which < 21)
		objects(which - 14);
	else if (which == 21)
		ring();
	else if (which == 22)
		overwrite(GUEST_VCPU, GUEST_VCPU_BYTES);
	else if (which == 23)
		overwrite(GUEST_TRACK, 0x10000);
	else if (which == 24)
		overwrite(record->vcpu[0].utcb, 1024);
	else if (which == 25)
		overwrite(record->vcpu[0].state, 4096);
	else if (which == 26)
		unmap_all();
	else
		deafen();
}

enum { ACTS = 28 };

void kernel_main(void)
{
	for (unsigned first = 0; first < ACTS; first++) {
		char word[] = { (char)('a' + first / 10), (char)('0' + first % 10), 0 };

		if (!has_word(word))
			continue;
		for (unsigned i = first; i < ACTS; i++)
			act(i);
		print("has done its worst\n");
	}
}
