/* SPDX-License-Identifier: MIT */
/*
 * What a hostile guest does by L4 system calls. The window in which `syscall` reaches the kernel is
 * in the state of the vCPU, which the guest can write.
 */
#include "guest/requests.h"
#include "worst/worst.h"

enum { KNOWN_SLOTS = 9, WORDS = 63, TASK = 1, REQUESTS = 2, LATER_SLOTS = 1000, STATE_WORDS = 51 };
enum { SLOT_FAULTS_FIRST = 192, SLOT_FAULTS_END = 224 };

static l4_vcpu_state_t *own_state(const struct hostile *h)
{
	return (l4_vcpu_state_t *)guest_start()->vcpu[h->number].state;
}

static void open_window(const struct hostile *h)
{
	l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext(own_state(h));

	e->shim_start = 0;
	e->shim_end = ~0UL;
}

static l4_cap_idx_t selector(uint64_t slot)
{
	return slot << L4_CAP_SHIFT;
}

/* One that the guest has, or any. Those that tell vmm of a crash are not among them. */
static l4_cap_idx_t wild_selector(struct hostile *h)
{
	static const uint16_t known[KNOWN_SLOTS] = { 1, 2, 3, 4, 64, 65, 128, 160, 129 };
	uint64_t slot = chance(h) % 4 ? known[chance(h) % KNOWN_SLOTS] : chance(h) % 300;

	if (chance(h) % 16 == 0)
		return wild(h);
	if (slot >= SLOT_FAULTS_FIRST && slot < SLOT_FAULTS_END)
		slot = TASK;
	return selector(slot);
}

/* At most a millisecond in each phase. */
static l4_timeout_t wild_timeout(struct hostile *h)
{
	l4_timeout_s s = chance(h) % 2 ? L4_IPC_TIMEOUT_0 : l4_timeout_from_us(1000);

	return l4_timeout(s, s);
}

static void fill_utcb(struct hostile *h)
{
	l4_msg_regs_t *words = l4_utcb_mr_u(own_utcb(h));
	l4_buf_regs_t *buffers = l4_utcb_br_u(own_utcb(h));

	for (unsigned i = 0; i < WORDS; i++)
		words->mr[i] = chance(h) % 3 ? chance(h) % 16 : wild(h);
	buffers->bdr = chance(h) % 2 ? 0 : wild(h);
	for (unsigned i = 0; i < 8; i++)
		buffers->br[i] = wild(h);
}

static void system_call(struct hostile *h, l4_cap_idx_t to, long label, unsigned words)
{
	l4_msgtag_t tag = l4_msgtag(label, words, chance(h) % 4, 0);

	if (chance(h) % 16 == 0)
		tag.raw = (l4_mword_t)wild(h);
	l4_ipc(to & ~0xfUL, own_utcb(h), chance(h) % 4 ? L4_SYSF_CALL : chance(h) & 0xf, wild(h),
	       tag, NULL, wild_timeout(h));
}

/* Any system calls to any objects. */
void way_system(struct hostile *h)
{
	long label = chance(h) % 4 ? -(long)(chance(h) % 70) : (long)wild(h);

	open_window(h);
	fill_utcb(h);
	system_call(h, wild_selector(h), label == GUEST_PROTO ? 0 : label, chance(h) % 64);
}

/* Calls of its own objects with operations that there are: threads and the task do what it says. */
void way_own_objects(struct hostile *h)
{
	static const struct {
		uint16_t slot;
		int16_t label, operations;
	} calls[] = { { 1, L4_PROTO_TASK, 8 },
		      { 128, L4_PROTO_THREAD, 32 },
		      { 129, L4_PROTO_THREAD, 32 },
		      { 4, -64, 3 },
		      { 64, -64, 3 },
		      { 3, L4_PROTO_IRQ, 8 },
		      { 160, L4_PROTO_IRQ_SENDER, 4 },
		      { 160, L4_PROTO_KOBJECT, 4 } };
	unsigned which = chance(h) % (sizeof(calls) / sizeof(*calls));

	open_window(h);
	fill_utcb(h);
	l4_utcb_mr_u(own_utcb(h))->mr[0] =
	    chance(h) % (uint64_t)calls[which].operations | (chance(h) & 0x30000);
	system_call(h, selector(calls[which].slot), calls[which].label, chance(h) % 64);
}

/* Its memory goes, or comes to other places; also that of the shim. */
void way_own_memory(struct hostile *h)
{
	static const uint64_t places[] = { GUEST_SHIM,	GUEST_KU,  GUEST_VCPU,
					   GUEST_TRACK, GUEST_M2P, GUEST_RAM };
	uint64_t from = places[chance(h) % 6] + (chance(h) % 64 << L4_PAGESHIFT);
	uint64_t to = places[chance(h) % 6] + (chance(h) % 64 << L4_PAGESHIFT);
	l4_fpage_t page = l4_fpage(from, chance(h) % 8 ? L4_PAGESHIFT : 21, L4_FPAGE_RWX);

	open_window(h);
	if (chance(h) % 8 || h->round < 300)
		l4_task_map_u(selector(TASK), selector(TASK), page, chance(h) % 2 ? wild(h) : to,
			      own_utcb(h));
	else
		l4_task_unmap_u(selector(TASK), page, (l4_umword_t)chance(h), own_utcb(h));
}

/* Capabilities, and memory, wherever there is room: this takes memory of the kernel. */
void way_capabilities(struct hostile *h)
{
	uint64_t slot = LATER_SLOTS + ((uint64_t)h->number << 20) + h->round * 64UL;
	l4_fpage_t page = l4_fpage(GUEST_RAM, L4_PAGESHIFT, L4_FPAGE_RW);

	open_window(h);
	l4_task_map_u(selector(TASK), selector(TASK),
		      l4_obj_fpage(selector(REQUESTS), 0, L4_CAP_FPAGE_RWS),
		      l4_map_obj_control(selector(slot), L4_MAP_ITEM_MAP), own_utcb(h));
	l4_task_map_u(selector(TASK), selector(TASK), page, (h->round * 4UL + h->number) << 21,
		      own_utcb(h));
}

/* Requests that make no sense. */
void way_requests(struct hostile *h)
{
	l4_msg_regs_t *words = l4_utcb_mr_u(own_utcb(h));
	uint64_t what = h->round < 200 ? chance(h) % 8 : wild(h);

	if (what == GUEST_SHUTDOWN || what == GUEST_CRASH)
		what = GUEST_RELEASE;
	open_window(h);
	fill_utcb(h);
	words->mr[0] = what;
	words->mr[1] = h->round % 2 ? chance(h) % 11 : wild(h);
	words->mr[2] = wild(h);
	system_call(h, selector(REQUESTS), GUEST_PROTO, chance(h) % 64);
}

/* A crash report that is longer than it may be, and one with control characters. */
void way_reports(struct hostile *h)
{
	l4_msg_regs_t *words = l4_utcb_mr_u(own_utcb(h));
	char *text = (char *)(words->mr + 3);

	open_window(h);
	words->mr[0] = GUEST_CRASH;
	words->mr[1] = wild(h);
	words->mr[2] = h->round < 8 ? GUEST_TEXT_MAX + h->round : 21;
	for (unsigned i = 0; i < 21; i++)
		text[i] = "a\033[2Jb\nnot ok - forged"[i];
	l4_ipc(selector(REQUESTS), own_utcb(h), L4_SYSF_CALL, 0,
	       l4_msgtag(GUEST_PROTO, h->round < 8 ? 62 : 6, 0, 0), NULL, L4_IPC_NEVER);
}

/* The state that the kernel reads at each entry and resume. */
void way_state(struct hostile *h)
{
	uint64_t *words = (uint64_t *)own_state(h);
	bool further = chance(h) % 2;
	uint64_t *word = words + (further ? L4_ZW_VCPU_EXT_OFFSET / 8 +
						chance(h) % (sizeof(l4_zw_vcpu_ext_t) / 8)
					  : chance(h) % STATE_WORDS);

	__atomic_store_n(word, wild(h), __ATOMIC_RELAXED);
	if (chance(h) % 4 == 0)
		__asm__ volatile("ud2");
	hypercall(XEN_CALL_XEN_VERSION, 0, 0, 0, 0, 0);
}

/* Resumes of its own, with any registers and modes. */
void way_resumes(struct hostile *h)
{
	l4_vcpu_state_t *state = own_state(h);
	l4_umword_t *registers = (l4_umword_t *)&state->r;

	open_window(h);
	for (unsigned i = 0; i < sizeof(state->r) / 8; i++)
		registers[i] = wild(h);
	if (chance(h) % 2) {
		state->r.cs = chance(h) % 2 ? 0x33 : chance(h) % 128;
		state->r.ss = chance(h) % 2 ? 0x2b : chance(h) % 128;
		state->r.flags = chance(h) & 0x3fffff;
	}
	state->arch_state.host_gs_base = wild(h);
	state->saved_state = (uint16_t)chance(h);
	l4_utcb_mr_u(own_utcb(h))->mr[0] = L4_THREAD_VCPU_RESUME_OP | (chance(h) % 4 ? 0 : 0x10000);
	l4_ipc(L4_INVALID_CAP, own_utcb(h), L4_SYSF_CALL, 0, l4_msgtag(L4_PROTO_THREAD, 1, 0, 0),
	       NULL, L4_IPC_BOTH_TIMEOUT_0);
}

/* --- Short returns --- */

void short_return(void);
__asm__("short_return: syscall; ret\n");

static uint64_t wild_page(struct hostile *h)
{
	static const uint64_t places[] = { 0,	       0x400000, KERNEL_BASE, GUEST_RAM,
					   GUEST_SHIM, GUEST_KU, GUEST_START, GUEST_TRACK };

	if (chance(h) % 4 == 0)
		return wild(h);
	return places[chance(h) % 8] + (chance(h) % 1024 << L4_PAGESHIFT);
}

/* Fills and drops of a view: other vCPUs have it, too. */
static void change_view(struct hostile *h)
{
	l4_msg_regs_t *words = l4_utcb_mr_u(own_utcb(h));
	unsigned pairs = chance(h) % 4;

	words->mr[0] = chance(h) % 2;
	for (unsigned i = 0; i < pairs; i++) {
		uint64_t order = chance(h) % 4 ? 0 : chance(h) % 32;

		words->mr[1 + 2 * i] =
		    wild_page(h) | order << L4_ZW_VIEW_ORDER_SHIFT | chance(h) % 8;
		words->mr[2 + 2 * i] = words->mr[0] ? 1UL << chance(h) % 40 : wild_page(h);
	}
	l4_ipc(selector(64 + chance(h) % 3), own_utcb(h), L4_SYSF_CALL, 0,
	       l4_msgtag(L4_PROTO_VIEW, 1 + 2 * pairs, 0, 0), NULL, L4_IPC_NEVER);
}

/* Returns to processes that offer anything. */
void way_offers(struct hostile *h)
{
	l4_zw_vcpu_ext_t *e = l4_zw_vcpu_ext(own_state(h));

	open_window(h);
	change_view(h);
	e->return_exit = (uint64_t)short_return;
	if (h->round % 8 == 1) {
		e->kernel_view &= ~0xfUL;
		l4_zw_thread_vcpu_sync_u(own_utcb(h));
	}
	e->syscall_ip = wild_page(h);
	e->syscall_sp = wild(h);
	e->syscall_flags = wild(h);
	e->offer.home = wild_page(h);
	e->offer.guest = wild_page(h) | chance(h) % 8;
	short_return();
}
