/* SPDX-License-Identifier: MIT */
/* What the shim asks of the microkernel and of vmm. */
#include <l4/sys/err.h>
#include <l4/sys/irq.h>
#include <l4/sys/segment.h>
#include <l4/sys/thread.h>
#include <l4/zwinger/thread.h>
#include <l4/zwinger/view.h>

#include "guest/requests.h"
#include "shim/breakpoints.h"
#include "shim/host.h"
#include "shim/lock.h"
#include "shim/own.h"
#include "shim/policy.h"
#include "shim/runstate.h"
#include "shim/timers.h"
#include "xen/sched.h"

enum {
	LABEL_BITS = 15,
	CPUID_FEATURES = 7,
	EBX_FSGSBASE = 1,
	VIRQ_DEBUG = 1,
	NS_PER_MS = 1000000,
	YIELD_US = 10
};

/* --- Time --- */

uint64_t host_time(struct machine *m)
{
	return tsc_to_ns(m->scale, processor_tsc() - m->tsc_boot);
}

static uint64_t tsc_of(const struct machine *m, uint64_t ns)
{
	uint64_t khz = m->start->tsc_khz;

	return m->tsc_boot + ns / NS_PER_MS * khz + ns % NS_PER_MS * khz / NS_PER_MS;
}

uint64_t host_away(struct vcpu *v)
{
	uint64_t away = own_ext(own_from(v))->away, more = away - v->away;

	v->away = away;
	return (int64_t)more > 0 ? tsc_to_ns(v->machine->scale, more) : 0;
}

bool host_displaced(struct machine *m, unsigned vcpu)
{
	const struct own *o = own_of(vcpu);

	(void)m;
	return o->state && __atomic_load_n(&own_ext(o)->displaced, __ATOMIC_RELAXED);
}

/* The microkernel reads the deadline when a guest mode is resumed. */
void host_timer(struct vcpu *v)
{
	struct own *o = own_from(v);
	uint64_t next = timers_next(v), deadline = next ? tsc_of(v->machine, next) : 0;

	if (own_ext(o)->deadline == deadline)
		return;
	own_ext(o)->deadline = deadline;
	o->finish = 1;
}

/* --- Views --- */

_Static_assert((int)DROPS_MAX <= (int)L4_ZW_VIEW_PAIRS_MAX &&
		   sizeof(struct drop_range) == sizeof(l4_zw_view_range_t) &&
		   DROP_WRITING == (int)L4_ZW_VIEW_DROP_W,
	       "ranges are passed as they are");

void host_drop(struct vcpu *v, unsigned base, const struct drop_range *ranges, unsigned count)
{
	l4_cap_idx_t view = own_view(v->machine, base);
	l4_utcb_t *utcb = own_from(v)->utcb;

	if (count)
		l4_zw_view_drop_u(view, (const l4_zw_view_range_t *)ranges, count, utcb);
	else
		l4_zw_view_drop_all_u(view, utcb);
}

/* --- Events --- */

void own_event(struct own *o, uint64_t label)
{
	struct machine *m = o->v.machine;

	switch (label & ~(uint64_t)LABEL_BITS) {
	case GUEST_EVENT_KICK:
		if (o->v.shown_displaced)
			runstate_account(&o->v);
		break;
	case GUEST_EVENT_CONSOLE:
		events_raise(&m->events, m->start->console_port);
		break;
	case GUEST_EVENT_STORE:
		events_raise(&m->events, m->start->store_port);
		break;
	case GUEST_EVENT_SYSRQ:
		events_raise_virq(&m->events, o->v.id, VIRQ_DEBUG);
		break;
	case GUEST_EVENT_PAUSE:
		own_pause(o);
		break;
	}
}

static bool receive(struct own *o, l4_timeout_t timeout)
{
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(o->utcb, &label, timeout);

	if (l4_msgtag_has_error(tag))
		return false;
	own_event(o, label);
	return true;
}

void own_timer(struct own *o)
{
	__atomic_and_fetch(&own_ext(o)->pending, ~(uint32_t)L4_ZW_VCPU_PENDING_TIMER,
			   __ATOMIC_SEQ_CST);
	timers_run(&o->v, host_time(o->v.machine));
	host_timer(&o->v);
	runstate_account(&o->v);
}

void own_drain(struct own *o)
{
	while (o->state->sticky_flags & L4_VCPU_SF_IRQ_PENDING && receive(o, L4_IPC_BOTH_TIMEOUT_0))
		;
	if (own_ext(o)->pending & L4_ZW_VCPU_PENDING_TIMER)
		own_timer(o);
}

void host_look(struct vcpu *v)
{
	struct own *o = own_from(v);

	if (o->state->sticky_flags & L4_VCPU_SF_IRQ_PENDING || own_ext(o)->pending)
		own_drain(o);
}

void host_kick(struct machine *m, unsigned vcpu)
{
	struct own *o = own_current(), *target = own_of(vcpu);

	if (vcpu == o->v.id)
		return;
	runstate_woken(&target->v, target->state && own_ext(target)->cpu == own_ext(o)->cpu);
	l4_irq_trigger_u(m->start->vcpu[vcpu].kick, o->utcb);
}

/* Until the next timer, or until the time that is asked for. */
static l4_timeout_t timeout_until(struct vcpu *v, uint64_t until)
{
	uint64_t next = timers_next(v), now = host_time(v->machine);

	if (next && (!until || next < until))
		until = next;
	if (!until)
		return L4_IPC_NEVER;
	if (until <= now)
		return L4_IPC_BOTH_TIMEOUT_0;
	return l4_timeout(L4_IPC_TIMEOUT_0, l4_timeout_from_us((until - now + 999) / 1000));
}

void host_wait(struct vcpu *v, uint64_t until)
{
	struct own *o = own_from(v);

	receive(o, timeout_until(v, until));
	own_timer(o);
}

/* Only a receive that blocks lets threads of the same priority run. */
void host_yield(struct vcpu *v)
{
	l4_ipc_receive(L4_INVALID_CAP, own_from(v)->utcb,
		       l4_timeout(L4_IPC_TIMEOUT_0, l4_timeout_from_us(YIELD_US)));
}

/* --- Segments and debug registers --- */

static l4_cap_idx_t thread_of(const struct vcpu *v)
{
	return v->machine->start->vcpu[v->id].thread;
}

static bool has_fsgsbase(void)
{
	static uint8_t known; /* 1: no, 2: yes */
	struct cpuid_result r;

	if (!known) {
		processor_cpuid(CPUID_FEATURES, 0, &r);
		known = 1 + (r.ebx & EBX_FSGSBASE);
	}
	return known == 2;
}

uint64_t host_fs_base(const struct vcpu *v)
{
	uint64_t base = v->fs_base;

	if (has_fsgsbase())
		__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

static void set_fs_base(struct own *o)
{
	o->fs_told = o->v.fs_base != 0;
	if (has_fsgsbase())
		__asm__ volatile("wrfsbase %0" : : "r"(o->v.fs_base));
	else
		fiasco_amd64_set_fs(thread_of(&o->v), o->v.fs_base, o->utcb);
}

/* The kernel's base is lost with the load; resume brings it back. */
static void set_gs_selector(struct own *o)
{
	__asm__ volatile("mov %0, %%gs" : : "r"((uint32_t)o->v.gs_selector));
	o->state->r.gs_base = o->v.gs_user;
	o->finish = 1;
}

void host_segment_base(struct vcpu *v, enum xen_segment_base which)
{
	struct own *o = own_from(v);

	switch (which) {
	case XEN_SEGMENT_FS:
		set_fs_base(o);
		break;
	case XEN_SEGMENT_GS_USER:
		o->gs_told = v->gs_user != 0;
		o->state->r.gs_base = v->gs_user;
		break;
	case XEN_SEGMENT_GS_KERNEL:
		o->state->arch_state.host_gs_base = v->gs_kernel;
		o->finish = 1;
		break;
	case XEN_SEGMENT_GS_USER_SELECTOR:
		set_gs_selector(o);
		break;
	}
}

void host_new_task(struct vcpu *v)
{
	struct own *o = own_from(v);
	uint32_t fs, gs;

	if (!has_fsgsbase())
		return;
	__asm__ volatile("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	if (!fs && !o->fs_told)
		__asm__ volatile("wrfsbase %0" : : "r"(0UL));
	if (!gs && !o->gs_told)
		o->state->r.gs_base = 0;
	o->fs_told = o->gs_told = false;
}

void host_descriptor(struct vcpu *v, unsigned entry, uint64_t descriptor)
{
	fiasco_gdt_set(thread_of(v), &descriptor, sizeof(descriptor), entry - OWN_GDT_ENTRY,
		       own_from(v)->utcb);
}

static long thread_result(long error)
{
	if (!error)
		return 0;
	return error == -L4_ENOMEM ? -XEN_ENOMEM : -XEN_EINVAL;
}

long host_new_ldt(struct vcpu *v, unsigned entries)
{
	return thread_result(l4_zw_thread_ldt_new_u(thread_of(v), entries, own_from(v)->utcb));
}

long host_ldt(struct vcpu *v, unsigned first, const uint64_t *descriptors, unsigned count)
{
	return thread_result(
	    l4_zw_thread_ldt_set_u(thread_of(v), first, descriptors, count, own_from(v)->utcb));
}

long host_debug(struct vcpu *v)
{
	uint64_t addresses[GUEST_BREAKPOINTS], control;

	breakpoints_merge(v, addresses, &control);
	return thread_result(
	    l4_zw_thread_debug_set_u(thread_of(v), addresses, control, own_from(v)->utcb));
}

/* --- Requests --- */

static long request(struct own *o, unsigned words)
{
	l4_msgtag_t tag = l4_ipc_call(o->v.machine->start->vmm, o->utcb,
				      l4_msgtag(GUEST_PROTO, words, 0, 0), L4_IPC_NEVER);

	return l4_error_u(tag, o->utcb);
}

static void put_text(l4_umword_t *words, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((char *)words)[i] = text[i];
}

void host_console(struct vcpu *v, const char *text, size_t bytes)
{
	struct own *o = own_from(v);
	l4_umword_t *words = l4_utcb_mr_u(o->utcb)->mr;

	for (size_t some; bytes; text += some, bytes -= some) {
		some = bytes < GUEST_TEXT_MAX ? bytes : GUEST_TEXT_MAX;
		words[0] = GUEST_CONSOLE_WRITE;
		words[1] = some;
		put_text(words + 2, text, some);
		request(o, 2 + (some + 7) / 8);
	}
}

void host_notify(struct vcpu *v)
{
	l4_irq_trigger_u(v->machine->start->notify, own_from(v)->utcb);
}

static void wait_for_ever(struct own *o)
{
	for (;;)
		l4_ipc_receive(L4_INVALID_CAP, o->utcb, L4_IPC_NEVER);
}

void host_shutdown(struct vcpu *v, unsigned reason)
{
	struct own *o = own_from(v);

	l4_utcb_mr_u(o->utcb)->mr[0] = GUEST_SHUTDOWN;
	l4_utcb_mr_u(o->utcb)->mr[1] = reason;
	l4_utcb_mr_u(o->utcb)->mr[2] = v->id;
	request(o, 3);
	wait_for_ever(o);
}

void host_watchdog(struct vcpu *v)
{
	struct own *o = own_from(v);

	if (o->handling)
		crash(o, "a watchdog of the guest was not set again in time");
	host_shutdown(v, XEN_SHUTDOWN_WATCHDOG);
}

void host_crash(struct vcpu *v, const char *text, size_t bytes)
{
	struct own *o = own_from(v);
	l4_umword_t *words = l4_utcb_mr_u(o->utcb)->mr;

	words[0] = GUEST_CRASH;
	words[1] = v->id;
	words[2] = bytes;
	put_text(words + 3, text, bytes);
	request(o, 3 + (bytes + 7) / 8);
	wait_for_ever(o);
}

/* Some extents, so many that the message is short and its frames are not too many. */
static unsigned request_some(struct vcpu *v, enum guest_request what, const uint64_t *extents,
			     unsigned count, unsigned order)
{
	struct own *o = own_from(v);
	l4_umword_t *words = l4_utcb_mr_u(o->utcb)->mr;
	unsigned max = 1U << (GUEST_ORDER_MAX - order);
	long done;

	count = count < max ? count : max;
	words[0] = what;
	words[1] = order;
	for (unsigned i = 0; i < count; i++)
		words[2 + i] = extents[i];
	done = request(o, 2 + count);
	return done < 0 ? 0 : (unsigned)done;
}

static unsigned request_frames(struct vcpu *v, enum guest_request what, const uint64_t *extents,
			       unsigned count, unsigned order)
{
	unsigned done = 0, some;

	do {
		some = request_some(v, what, extents + done, count - done, order);
		done += some;
	} while (some && done < count);
	return done;
}

unsigned host_release(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order)
{
	return request_frames(v, GUEST_RELEASE, extents, count, order);
}

unsigned host_populate(struct vcpu *v, const uint64_t *extents, unsigned count, unsigned order)
{
	return request_frames(v, GUEST_POPULATE, extents, count, order);
}
