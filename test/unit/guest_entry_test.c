/* SPDX-License-Identifier: MIT */
/* Entries of a vCPU and the ways back: what the handler makes of a context. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "shim/calls.h"
#include "shim/emulate.h"
#include "shim/frame.h"
#include "shim/host.h"
#include "shim/own.h"
#include "shim/pte.h"
#include "shim/space.h"
#include "shim/spoof.h"

enum { FRAMES = 8, ROOT = 1, L3, L2, L1, STACK, OTHER };
enum { VECTOR_UD = 6, VECTOR_PF = 14, GAP = 7 };

#define KERNEL	    0xffff888000000000UL /* + n pages shows frame n; GAP is absent */
#define STACK_TOP   (KERNEL + (STACK + 1) * 4096UL)
#define PROGRAM	    0x401000UL
#define VECTORS	    0xffffffff81000000UL /* entries of the guest: + vector * 16 */
#define EVENT_ENTRY 0xffffffff82000000UL
#define CALL_ENTRY  0xffffffff83000000UL

/* Instructions that the handler knows, in the order of the shim; they are never executed. */
#define PLACE(name) ".globl " #name "\n" #name ": .space 16\n"
__asm__(".pushsection .rodata\n" PLACE(call_restart) PLACE(call_restart_end) PLACE(iret_restart)
	    PLACE(iret_restart_end) PLACE(call_pending) PLACE(jump_pending) PLACE(iret_pending)
		PLACE(call_trapped) PLACE(iret_trapped) PLACE(copy_words) PLACE(copy_bytes)
		    PLACE(copy_failed) PLACE(short_entry) PLACE(short_entry_end)
			PLACE(short_refused) ".popsection");

static _Alignas(4096) uint64_t frames[FRAMES][TABLE_ENTRIES];
static _Alignas(4096) uint8_t state_page[4096];
static _Alignas(GUEST_VCPU_BYTES) struct own own;
static struct guest_start start;
static struct machine machine;
static struct xen_vcpu_info info;

/* How it went on. */
enum way { RESUMED = 1, JUMPED, CRASHED };
static jmp_buf gone;
static unsigned resumed_as, drains, parks, kernel_drops, debugs;
static bool debugger;
static enum walk_result fault_result;
static uint64_t fault_address;
static unsigned fault_access;
static enum emulate_result emulated;
static struct spoof_store answer;
static bool spoofed;
static const char *crashed;

/* --- The rest of the shim --- */

void go_resume(struct own *o, unsigned saved)
{
	assert_ptr_equal(o, &own);
	resumed_as = saved;
	longjmp(gone, RESUMED);
}

void go_jump(struct own *o)
{
	assert_ptr_equal(o, &own);
	longjmp(gone, JUMPED);
}

void crash(struct own *o, const char *why)
{
	(void)o;
	crashed = why;
	longjmp(gone, CRASHED);
}

void own_event(struct own *o, uint64_t label)
{
	(void)o, (void)label;
}

void own_drain(struct own *o)
{
	(void)o;
	drains++;
}

void own_timer(struct own *o)
{
	(void)o;
}

bool own_debug(struct own *o, unsigned vector)
{
	(void)o, (void)vector;
	debugs++;
	return debugger;
}

void vcpu_park(struct vcpu *v)
{
	parks++;
	v->run = VCPU_UP;
}

enum walk_result space_fault(struct vcpu *v, uint64_t address, unsigned access, unsigned *error)
{
	(void)v;
	fault_address = address;
	fault_access = access;
	*error = access | WALK_PRESENT;
	return fault_result;
}

void *space_alias(struct vcpu *v, uint64_t address)
{
	(void)v;
	return address - KERNEL < FRAMES * 4096UL ? (char *)frames + (address - KERNEL) : NULL;
}

void space_drop_kernel_pages(struct vcpu *v)
{
	v->kernel_pages = false;
	kernel_drops++;
}

enum emulate_result emulate(struct vcpu *v, l4_vcpu_regs_t *r, const uint8_t *bytes, unsigned count)
{
	(void)v, (void)bytes, (void)count;
	if (emulated == EMULATE_DONE)
		r->ip += 2;
	return emulated;
}

bool spoof(const struct spoof_caller *p, l4_vcpu_regs_t *r, const uint8_t *bytes, unsigned count,
	   struct spoof_store *store)
{
	(void)bytes, (void)count;
	assert_true(p->wide);
	*store = answer;
	store->behind = r->ip + 3;
	return answer.address || spoofed;
}

uint64_t host_fs_base(const struct vcpu *v)
{
	return v->fs_base;
}

void host_wait(struct vcpu *v, uint64_t until)
{
	(void)until;
	v->info->upcall_pending = 1;
}

/* --- The vCPU --- */

static l4_vcpu_regs_t *regs(void)
{
	return &own.state->r;
}

static void set_up(void)
{
	const uint64_t upper = PTE_PRESENT | PTE_WRITE | PTE_USER;

	memset(frames, 0, sizeof(frames));
	memset(state_page, 0, sizeof(state_page));
	memset(&own, 0, sizeof(own));
	memset(&info, 0, sizeof(info));
	frames[ROOT][table_index(KERNEL, 4)] = (uint64_t)L3 << PAGE_SHIFT | upper;
	frames[L3][table_index(KERNEL, 3)] = (uint64_t)L2 << PAGE_SHIFT | upper;
	frames[L2][table_index(KERNEL, 2)] = (uint64_t)L1 << PAGE_SHIFT | upper;
	for (uint64_t i = 0; i < GAP; i++)
		frames[L1][i] = i << PAGE_SHIFT | PTE_PRESENT | PTE_WRITE;
	start = (struct guest_start){ .vcpus = 1 };
	machine = (struct machine){ .start = &start, .memory = { frames, FRAMES }, .vcpus = 1 };
	own.state = (l4_vcpu_state_t *)state_page;
	own.v.machine = &machine;
	own.v.info = &info;
	own.v.root = own.v.user_root = ROOT;
	own.v.kernel_rsp = STACK_TOP;
	own.v.run = VCPU_UP;
	for (unsigned i = 0; i < 32; i++)
		own.v.traps.vectors[i] = (struct entry_point){ VECTORS + i * 16UL, 0 };
	own.v.traps.callbacks[XEN_CALLBACK_EVENT] =
	    (struct entry_point){ EVENT_ENTRY, XEN_TRAP_MASK_EVENTS };
	own.v.traps.callbacks[XEN_CALLBACK_SYSCALL] =
	    (struct entry_point){ CALL_ENTRY, XEN_TRAP_MASK_EVENTS };
	regs()->flags = 0x202;
	drains = parks = kernel_drops = debugs = resumed_as = 0;
	debugger = false;
	crashed = NULL;
	fault_result = WALK_FAULT;
	emulated = EMULATE_REFUSED;
	answer = (struct spoof_store){ 0 };
	spoofed = false;
}

static void in_kernel(uint64_t rip)
{
	set_up();
	own.state->saved_state = OWN_OPEN;
	regs()->ip = rip;
	regs()->sp = STACK_TOP - 0x100;
}

static void in_user(void)
{
	set_up();
	own.state->saved_state = OWN_USER;
	regs()->ip = PROGRAM;
	regs()->sp = 0x7ffffff0;
	regs()->cs = XEN_CS64;
	regs()->ss = XEN_SS;
}

static enum way enter(unsigned trap, uint64_t error)
{
	int way;

	regs()->trapno = trap;
	regs()->err = error;
	way = setjmp(gone);
	if (!way)
		own_entered(&own);
	return (enum way)way;
}

/* Words of the frame that the guest's kernel finds. */
static const uint64_t *frame(void)
{
	return space_alias(&own.v, regs()->sp);
}

/* --- Exceptions --- */

static void a_fault_of_a_process_enters_the_kernel(void **state)
{
	(void)state;
	in_user();
	regs()->pfa = 0x1234;
	assert_int_equal(enter(VECTOR_PF, WALK_WRITE), JUMPED);
	assert_int_equal(fault_address, 0x1234);
	assert_int_equal(fault_access, WALK_WRITE | WALK_USER);
	assert_int_equal(info.cr2, 0x1234);
	assert_int_equal(regs()->ip, VECTORS + VECTOR_PF * 16);
	assert_int_equal(regs()->sp, STACK_TOP - 8 * 8);
	assert_int_equal(frame()[2], WALK_WRITE | WALK_USER | WALK_PRESENT);
	assert_int_equal(frame()[3], PROGRAM);
	assert_int_equal(frame()[6], 0x7ffffff0);
	assert_int_equal(own.state->saved_state, OWN_OPEN);
	assert_false(own.handling);
	assert_int_equal(own.v.counters.bounced, 1);
}

static void a_fault_that_is_filled_goes_on_exactly(void **state)
{
	(void)state;
	in_user();
	fault_result = WALK_OK;
	assert_int_equal(enter(VECTOR_PF, 0), RESUMED);
	assert_int_equal(resumed_as, OWN_USER);
	assert_int_equal(regs()->ip, PROGRAM);
	in_kernel(VECTORS);
	fault_result = WALK_AGAIN;
	assert_int_equal(enter(VECTOR_PF, 0), RESUMED);
	assert_int_equal(resumed_as, OWN_OPEN);
	assert_int_equal(fault_access, 0);
}

/* Memory that comes at its first access: for the kernel and the shim, not for processes. */
static void a_fault_at_the_alias_of_memory_is_a_touch(void **state)
{
	(void)state;
	in_kernel(VECTORS);
	regs()->pfa = (uint64_t)frames[OTHER] + 8;
	assert_int_equal(enter(VECTOR_PF, WALK_WRITE), RESUMED);
	assert_int_equal(regs()->ip, VECTORS);
	assert_int_equal(own.v.counters.faults, 0);
	in_kernel((uint64_t)copy_words);
	own.state->saved_state = OWN_CLOSED;
	regs()->pfa = (uint64_t)frames[FRAMES] - 8;
	assert_int_equal(enter(VECTOR_PF, 0), RESUMED);
	assert_int_equal(regs()->ip, (uint64_t)copy_words);
	in_kernel(VECTORS);
	regs()->pfa = (uint64_t)frames[FRAMES];
	assert_int_equal(enter(VECTOR_PF, 0), JUMPED);
	in_user();
	regs()->pfa = (uint64_t)frames[OTHER];
	assert_int_equal(enter(VECTOR_PF, 0), JUMPED);
	assert_int_equal(info.cr2, (uint64_t)frames[OTHER]);
}

static void a_copy_of_the_shim_ends_where_the_guest_has_no_memory(void **state)
{
	(void)state;
	in_kernel((uint64_t)copy_words);
	own.state->saved_state = OWN_CLOSED;
	assert_int_equal(enter(VECTOR_PF, 0), RESUMED);
	assert_int_equal(resumed_as, OWN_CLOSED);
	assert_int_equal(regs()->ip, (uint64_t)copy_failed);
	in_kernel(0x1000);
	own.state->saved_state = OWN_CLOSED;
	assert_int_equal(enter(VECTOR_PF, 0), CRASHED);
	in_kernel(0x1000);
	own.handling = true;
	assert_int_equal(enter(VECTOR_PF, 0), CRASHED);
	assert_non_null(strstr(crashed, "handler"));
}

static void exceptions_need_an_entry_and_a_stack(void **state)
{
	(void)state;
	in_user();
	own.v.traps.vectors[VECTOR_GP].address = 0;
	assert_int_equal(enter(VECTOR_GP, 0), CRASHED);
	in_kernel(VECTORS);
	regs()->sp = KERNEL + GAP * 4096UL + 64;
	assert_int_equal(enter(VECTOR_GP, 0), CRASHED);
	assert_non_null(strstr(crashed, "stack"));
	in_kernel(VECTORS);
	assert_int_equal(enter(VECTOR_GP, 8), JUMPED);
	assert_int_equal(frame()[2], 8);
	assert_int_equal(frame()[3], VECTORS);
}

static void privileged_instructions_are_the_kernels(void **state)
{
	(void)state;
	in_kernel(VECTORS);
	emulated = EMULATE_DONE;
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(regs()->ip, VECTORS + 2);
	in_kernel(VECTORS);
	emulated = EMULATE_HALT;
	info.upcall_mask = 1;
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(info.upcall_pending, 1);
	in_user();
	emulated = EMULATE_DONE;
	assert_int_equal(enter(VECTOR_GP, 0), JUMPED);
	assert_int_equal(regs()->ip, VECTORS + VECTOR_GP * 16);
}

/* Two pages of the process, one behind the other. */
static void map_program(uint64_t first, uint64_t second)
{
	const uint64_t upper = PTE_PRESENT | PTE_WRITE | PTE_USER;

	frames[ROOT][0] = (uint64_t)L3 << PAGE_SHIFT | upper;
	frames[L3][0] = (uint64_t)L2 << PAGE_SHIFT | upper;
	frames[L2][2] = (uint64_t)L1 << PAGE_SHIFT | upper;
	frames[L1][1] = first;
	frames[L1][2] = second;
}

static void questions_for_tables_are_answered(void **state)
{
	const uint64_t page = PTE_PRESENT | PTE_WRITE | PTE_USER;

	(void)state;
	in_user();
	spoofed = true;
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(regs()->ip, PROGRAM + 3);
	in_user();
	fault_result = WALK_OK;
	map_program((uint64_t)STACK << PAGE_SHIFT | page, (uint64_t)OTHER << PAGE_SHIFT | page);
	answer = (struct spoof_store){ PROGRAM + 0xffe, .bytes = 4, .data = { 1, 2, 3, 4 } };
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(regs()->ip, PROGRAM + 3);
	assert_int_equal(fault_access, WALK_WRITE | WALK_USER);
	assert_int_equal(fault_address, PROGRAM + 0x1000);
	assert_int_equal(frames[STACK][511] >> 48, 0x201);
	assert_int_equal(frames[OTHER][0], 0x403);
	in_user();
	spoofed = true;
	assert_int_equal(enter(VECTOR_GP, 8), JUMPED); /* not because of UMIP */
	assert_int_equal(regs()->ip, VECTORS + VECTOR_GP * 16);
	in_kernel(VECTORS);
	fault_result = WALK_OK;
	answer = (struct spoof_store){ KERNEL + STACK * 4096UL, .bytes = 2, .data = { 1, 2 } };
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(fault_access, WALK_WRITE);
	assert_int_equal(frames[STACK][0], 0x201);
}

static void where_an_answer_cannot_be_stored_is_a_page_fault(void **state)
{
	(void)state;
	in_user();
	answer = (struct spoof_store){ PROGRAM, .bytes = 4 };
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(regs()->ip, VECTORS + VECTOR_PF * 16);
	assert_int_equal(info.cr2, PROGRAM);
	assert_int_equal(frame()[2], WALK_WRITE | WALK_USER | WALK_PRESENT);
	assert_int_equal(frame()[3], PROGRAM);
	in_user();
	answer = (struct spoof_store){ PROGRAM, .bytes = 4 };
	fault_result = WALK_AGAIN;
	assert_int_equal(enter(VECTOR_GP, 0), RESUMED);
	assert_int_equal(regs()->ip, PROGRAM);
}

static void a_debugger_is_asked_about_its_exceptions_only(void **state)
{
	(void)state;
	for (unsigned vector = 0; vector < 8; vector++) {
		in_user();
		debugger = true;
		if (vector == 1 || vector == 3) {
			assert_int_equal(enter(vector, 0), RESUMED);
			assert_int_equal(regs()->ip, PROGRAM);
		} else {
			assert_int_equal(enter(vector, 0), JUMPED);
			assert_int_equal(debugs, 0);
		}
		in_user();
		assert_int_equal(enter(vector, 0), JUMPED);
		assert_int_equal(regs()->ip, VECTORS + vector * 16);
	}
}

/* --- System calls --- */

static void a_system_call_finds_its_callback(void **state)
{
	(void)state;
	in_user();
	assert_int_equal(enter(L4_ZW_VCPU_TRAP_SYSCALL, 0), JUMPED);
	assert_int_equal(regs()->ip, CALL_ENTRY);
	assert_int_equal(frame()[0], PROGRAM + 2);
	assert_int_equal(frame()[1], 0x202);
	assert_int_equal(frame()[2], PROGRAM + 2);
	in_user();
	own.v.traps.callbacks[XEN_CALLBACK_SYSCALL] = (struct entry_point){ 0 };
	assert_int_equal(enter(L4_ZW_VCPU_TRAP_SYSCALL, 0), JUMPED);
	assert_int_equal(regs()->ip, VECTORS + VECTOR_UD * 16);
	assert_null(own.v.stack_top); /* system calls that do not mask events are no short ones */
}

static void a_hypercall_that_is_not_patched_goes_to_the_same_place(void **state)
{
	(void)state;
	in_kernel(VECTORS);
	assert_int_equal(enter(L4_ZW_VCPU_TRAP_SYSCALL, 0), RESUMED);
	assert_int_equal(regs()->ip, (uint64_t)call_trapped);
	assert_int_equal(regs()->cx, VECTORS + 2);
	in_kernel(VECTORS);
	regs()->ax = XEN_CALL_IRET;
	enter(L4_ZW_VCPU_TRAP_SYSCALL, 0);
	assert_int_equal(regs()->ip, (uint64_t)iret_trapped);
	in_kernel(VECTORS);
	own.state->saved_state = OWN_CLOSED;
	assert_int_equal(enter(L4_ZW_VCPU_TRAP_SYSCALL, 0), CRASHED);
}

/* --- Events --- */

static void events_are_delivered_unless_they_are_masked(void **state)
{
	(void)state;
	in_user();
	info.upcall_pending = 1;
	assert_int_equal(enter(L4_TRAP_IPC, 0), JUMPED);
	assert_int_equal(drains, 1);
	assert_int_equal(regs()->ip, EVENT_ENTRY);
	assert_int_equal(info.upcall_mask, 1);
	assert_int_equal(frame()[2], PROGRAM);
	in_user();
	info.upcall_pending = info.upcall_mask = 1;
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	in_user();
	info.upcall_pending = 1;
	start.stepping = 1;
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	assert_int_equal(resumed_as, OWN_USER);
}

static void what_was_interrupted_at_its_start_begins_again(void **state)
{
	(void)state;
	in_kernel((uint64_t)iret_restart); /* at the start itself: nothing has been done */
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	assert_int_equal(regs()->ip, (uint64_t)iret_restart);
	in_kernel((uint64_t)iret_restart + 5);
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	assert_int_equal(regs()->ip, (uint64_t)iret_restart);
	in_kernel((uint64_t)call_restart_end); /* it is done */
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	assert_int_equal(regs()->ip, (uint64_t)call_restart_end);
}

/* Who looks at the context while the events are taken finds the guest, not the shim. */
static void events_that_came_meanwhile_find_the_guest(void **state)
{
	uint64_t *stack = &frames[STACK][512 - 0x100 / 8];

	(void)state;
	in_kernel((uint64_t)call_pending);
	stack[0] = 1;
	stack[1] = 2;
	stack[2] = KERNEL + 0x123;
	assert_int_equal(enter(VECTOR_UD, 0), RESUMED);
	assert_int_equal(drains, 1);
	assert_int_equal(regs()->ip, KERNEL + 0x123);
	assert_int_equal(regs()->cx, 1);
	assert_int_equal(regs()->r11, 2);
	assert_int_equal(regs()->sp, STACK_TOP - 0x100 + 24);
	in_kernel((uint64_t)jump_pending);
	regs()->cx = KERNEL + 0x456;
	assert_int_equal(enter(VECTOR_UD, 0), RESUMED);
	assert_int_equal(regs()->ip, KERNEL + 0x456);
	assert_int_equal(regs()->sp, STACK_TOP - 0x100);
}

/* --- Ways back --- */

static void user_mode_needs_its_tables_and_no_kernel_pages(void **state)
{
	(void)state;
	in_user();
	own.v.user_root = 0;
	assert_int_equal(enter(L4_TRAP_IPC, 0), CRASHED);
	in_user();
	own.v.kernel_pages = true;
	own.slow_exit = own.finish = 1;
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	assert_int_equal(kernel_drops, 1);
	assert_true(!own.slow_exit && !own.finish);
}

static void what_a_processor_refuses_to_return_to_is_a_fault(void **state)
{
	int way;

	(void)state;
	in_user();
	info.upcall_mask = 1;
	regs()->ss = 0x33;
	way = setjmp(gone);
	if (!way)
		own_iret_left(&own);
	assert_int_equal(way, JUMPED);
	assert_int_equal(regs()->ip, VECTORS + VECTOR_GP * 16);
	assert_true(frame()[2] == 0x30 && frame()[3] == PROGRAM && frame()[7] == 0x33);
	assert_int_equal(frame()[5] & FLAG_INTERRUPT, FLAG_INTERRUPT);
}

static void a_vcpu_that_is_down_waits(void **state)
{
	(void)state;
	in_user();
	own.v.run = VCPU_INITIALISED;
	assert_int_equal(enter(L4_TRAP_IPC, 0), RESUMED);
	assert_int_equal(parks, 1);
}

static void memory_is_read_as_far_as_it_is_there(void **state)
{
	uint64_t words[3] = { 0 };

	(void)state;
	in_kernel(VECTORS);
	frames[STACK][511] = 5;
	frames[OTHER][0] = 6;
	assert_int_equal(context_read(&own, words, STACK_TOP - 8, 16), 16);
	assert_true(words[0] == 5 && words[1] == 6);
	assert_int_equal(context_read(&own, words, KERNEL + GAP * 4096UL - 8, 24), 8);
	assert_int_equal(context_read(&own, words, KERNEL + GAP * 4096UL, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_of_a_process_enters_the_kernel),
		cmocka_unit_test(a_fault_that_is_filled_goes_on_exactly),
		cmocka_unit_test(a_fault_at_the_alias_of_memory_is_a_touch),
		cmocka_unit_test(a_copy_of_the_shim_ends_where_the_guest_has_no_memory),
		cmocka_unit_test(exceptions_need_an_entry_and_a_stack),
		cmocka_unit_test(privileged_instructions_are_the_kernels),
		cmocka_unit_test(questions_for_tables_are_answered),
		cmocka_unit_test(where_an_answer_cannot_be_stored_is_a_page_fault),
		cmocka_unit_test(a_debugger_is_asked_about_its_exceptions_only),
		cmocka_unit_test(a_system_call_finds_its_callback),
		cmocka_unit_test(a_hypercall_that_is_not_patched_goes_to_the_same_place),
		cmocka_unit_test(events_are_delivered_unless_they_are_masked),
		cmocka_unit_test(what_was_interrupted_at_its_start_begins_again),
		cmocka_unit_test(events_that_came_meanwhile_find_the_guest),
		cmocka_unit_test(user_mode_needs_its_tables_and_no_kernel_pages),
		cmocka_unit_test(what_a_processor_refuses_to_return_to_is_a_fault),
		cmocka_unit_test(a_vcpu_that_is_down_waits),
		cmocka_unit_test(memory_is_read_as_far_as_it_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
