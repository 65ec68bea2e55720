/* SPDX-License-Identifier: MIT */
/* Interrupt objects without hardware: trigger, bind, detach, pending state, receive operations. */
#include "partner.h"

#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>

enum { HIGH = PRIO_MAIN + 20, LABEL = 0x12345 };
#define LIMIT	timeout_us(500000, 500000)
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

static long receive_one(l4_umword_t *label)
{
	return ipc_error(l4_ipc_wait(l4_utcb(), label, timeout_us(0, 2000)));
}

static void test_trigger(void)
{
	l4_cap_idx_t irq = irq_create();
	l4_umword_t label = 0;
	l4_msgtag_t tag;

	tap_is(l4_error(l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, LABEL)), 0, "bind");
	tap_is(ipc_error(l4_irq_trigger(irq)), 0, "trigger");
	tag = l4_ipc_wait(l4_utcb(), &label, LIMIT);
	tap_is(tag.raw, 0, "the message has an empty tag");
	tap_is((long)label, LABEL, "any label is delivered exactly");
	for (unsigned i = 0; i < 5; i++)
		l4_irq_trigger(irq);
	tap_is(receive_one(&label), 0, "several triggers");
	tap_is(receive_one(&label), L4_IPC_RETIMEOUT, "collapse to one message");
	tap_is(ipc_error(invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 0, 0),
				L4_IPC_BOTH_TIMEOUT_0, NULL)),
	       L4_IPC_ENOT_EXISTENT, "an interrupt gives no reply capability");
	l4_irq_trigger(irq);
	tap_is(l4_error(l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, LABEL + 1)), 0,
	       "binding to the same thread");
	receive_one(&label);
	tap_is((long)label, LABEL + 1, "changes the label, also of a queued message");
	cap_delete(irq);
}

static void test_unbound(void)
{
	l4_cap_idx_t irq = irq_create();
	l4_umword_t label = 0;

	l4_irq_trigger(irq);
	tap_is(receive_one(&label), L4_IPC_RETIMEOUT, "unbound: no message");
	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x70);
	tap_is(receive_one(&label), 0, "unbound: remembered until bound");
	tap_is(l4_error(l4_irq_detach(irq)), 0, "detach: nothing pending");
	tap_is(l4_error(l4_irq_detach(irq)), -L4_ENOENT, "detach: not bound");
	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x70);
	l4_irq_trigger(irq);
	tap_is(l4_error(l4_irq_detach(irq)), 1, "detach: there was a message");
	tap_is(receive_one(&label), L4_IPC_RETIMEOUT, "it does not arrive");
	cap_delete(irq);
}

static void test_receive_operations(void)
{
	l4_cap_idx_t irq = irq_create(), other = irq_create();
	l4_umword_t label = 0;

	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x100);
	l4_rcv_ep_bind_thread(other, L4_BASE_THREAD_CAP, 0x200);
	l4_irq_trigger(other);
	tap_is(ipc_error(l4_irq_receive(irq, timeout_us(0, 2000))), L4_IPC_RETIMEOUT,
	       "closed receive does not take another interrupt");
	l4_irq_trigger(irq);
	tap_is(ipc_error(l4_irq_receive(irq, LIMIT)), 0, "closed receive takes its interrupt");
	tap_is(ipc_error(l4_irq_wait(irq, &label, LIMIT)), 0, "unmask and open wait");
	tap_is((long)label, 0x200, "takes the other one");
	tap_is(ipc_error(l4_irq_unmask(irq)), 0, "unmask alone");
	cap_delete(irq);
	cap_delete(other);
}

static void test_wake(void)
{
	static struct partner p;
	l4_cap_idx_t irq = irq_create();

	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
	partner_block(&p, cpu_count() > 1, HIGH);
	l4_rcv_ep_bind_thread(irq, p.thread->cap, 0x55);
	l4_irq_trigger(irq);
	tap_ok(partner_done(&p, 500) && p.got_label == 0x55, "a trigger wakes the bound thread");
	partner_end(&p);
	tap_is(l4_error(l4_irq_detach(irq)), -L4_ENOENT, "the end of the thread unbinds it");
	partner_init(&p, &root_task, L4_INVALID_CAP, L4_SYSF_WAIT);
	partner_block(&p, 0, HIGH);
	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x66);
	l4_irq_trigger(irq);
	l4_rcv_ep_bind_thread(irq, p.thread->cap, 0x77);
	tap_ok(partner_done(&p, 500) && p.got_label == 0x77,
	       "rebinding moves a queued message to the new thread");
	partner_end(&p);
	cap_delete(irq);
}

/* Interrupts are queued before all threads. */
static void test_order(void)
{
	static struct partner p;
	l4_cap_idx_t irq = irq_create();
	l4_umword_t label = 0;

	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x1);
	partner_init(&p, &root_task, L4_BASE_THREAD_CAP, L4_SYSF_SEND);
	p.label = 0x2;
	partner_block(&p, 0, 240);
	l4_irq_trigger(irq);
	receive_one(&label);
	tap_is((long)label, 1, "an interrupt comes before queued threads");
	receive_one(&label);
	tap_is((long)label, 2, "then the thread");
	partner_end(&p);
	cap_delete(irq);
}

static long raw_call(l4_cap_idx_t cap, long protocol, unsigned words)
{
	return l4_error(l4_ipc_call(cap, l4_utcb(), l4_msgtag(protocol, words, 0, 0), LIMIT));
}

static void test_errors(void)
{
	l4_cap_idx_t irq = irq_create(), weak = SLOT(0);

	mr_set(0, L4_IRQ_SENDER_OP_RESERVED1);
	tap_is(raw_call(irq, L4_PROTO_IRQ_SENDER, 1), -L4_ENOSYS, "operation 0 is reserved");
	mr_set(0, L4_IRQ_SENDER_OP_BIND_VCPU);
	tap_is(raw_call(irq, L4_PROTO_IRQ_SENDER, 1), -L4_ENOSYS, "no binding to a vCPU on x86");
	tap_is(raw_call(irq, L4_PROTO_IRQ_SENDER, 0), -L4_EINVAL, "no operation");
	mr_set(0, 0);
	tap_is(raw_call(irq, 99, 1), -L4_EBADPROTO, "another protocol");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(irq, 0, L4_CAP_FPAGE_RW),
		    weak | L4_ITEM_MAP);
	tap_is(l4_error(l4_rcv_ep_bind_thread(weak, L4_BASE_THREAD_CAP, 0)), -L4_EPERM,
	       "bind needs S");
	tap_is(l4_error(l4_irq_detach(weak)), -L4_EPERM, "detach needs S");
	tap_is(l4_error(l4_rcv_ep_bind_thread(irq, L4_BASE_TASK_CAP, 0)), -L4_EINVAL,
	       "bind: only threads");
	tap_is(ipc_error(l4_irq_trigger(weak)), 0, "trigger needs no right");
	cap_delete(irq);
}

/* Deleted with a message on its way. */
static void test_delete(void)
{
	l4_cap_idx_t irq = irq_create();
	l4_umword_t label = 0;

	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x5);
	l4_irq_trigger(irq);
	cap_delete(irq);
	tap_is(receive_one(&label), L4_IPC_RETIMEOUT, "deletion takes a queued message back");
	tap_is(ipc_error(l4_irq_trigger(irq)), L4_IPC_ENOT_EXISTENT, "then it does not exist");
}

void test_main(void)
{
	test_trigger();
	test_unbound();
	test_receive_operations();
	test_wake();
	test_order();
	test_errors();
	test_delete();
}
