/* SPDX-License-Identifier: MIT */
/* IPC gate: bind, labels, info, reference counts, deletion interrupt, unbound gates. */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/ipc_gate.h>
#include <l4/sys/irq.h>
#include <l4/sys/kobject.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { HIGH = PRIO_MAIN + 20 };
#define LIMIT	timeout_us(500000, 500000)
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

/* Copy a gate within the test: rights, and whether as server (control) side. */
static l4_cap_idx_t copy(l4_cap_idx_t gate, unsigned rights, unsigned control)
{
	l4_cap_idx_t to = cap_alloc();

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(gate, 0, (unsigned char)rights), to | L4_ITEM_MAP | control);
	return to;
}

static void test_bind(void)
{
	struct thread *fresh = thread_create(&root_task, NULL, NULL);
	l4_cap_idx_t gate = gate_create(NULL, 0), weak, weak_thread = SLOT(0);
	l4_umword_t label = 1;

	tap_is(l4_error(l4_ipc_gate_get_infos(gate, &label)), 0, "info");
	tap_is((long)label, 0, "an unbound gate has label 0");
	tap_is(l4_error(l4_rcv_ep_bind_thread(gate, L4_BASE_THREAD_CAP, 0x1232)), -L4_EINVAL,
	       "bind: the low label bits must be 0");
	tap_is(l4_error(l4_rcv_ep_bind_thread(gate, L4_BASE_FACTORY_CAP, 0x1230)), -L4_EINVAL,
	       "bind: only threads");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(fresh->cap, 0, L4_CAP_FPAGE_RW), weak_thread | L4_ITEM_MAP);
	tap_is(l4_error(l4_rcv_ep_bind_thread(gate, weak_thread, 0x1230)), -L4_EPERM,
	       "bind: needs S on the thread");
	weak = copy(gate, L4_CAP_FPAGE_RW, L4_FPAGE_C_IPCGATE_SVR);
	tap_is(l4_error(l4_rcv_ep_bind_thread(weak, L4_BASE_THREAD_CAP, 0x1230)), -L4_EPERM,
	       "bind: needs S on the gate");
	tap_is(l4_error(l4_rcv_ep_bind_thread(gate, fresh->cap, 0x1230)), 0, "bind");
	l4_ipc_gate_get_infos(gate, &label);
	tap_is((long)label, 0x1230, "info returns the label");
	tap_is(ipc_error(l4_ipc_send(gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), LIMIT)),
	       L4_IPC_ENOT_EXISTENT, "a gate bound to a thread that was never started");
	tap_is(l4_error(l4_rcv_ep_bind_thread(gate, L4_BASE_THREAD_CAP, 0x4560)), 0, "bind anew");
	cap_delete(gate);
	thread_destroy(fresh);
}

static void test_label_rights(void)
{
	static const unsigned rights[] = { L4_CAP_FPAGE_R, L4_CAP_FPAGE_RW, L4_CAP_FPAGE_RS,
					   L4_CAP_FPAGE_RWS };
	static struct server s;

	server_start(&s, &root_task, 0xabc0, 0, HIGH);
	for (unsigned i = 0; i < 4; i++) {
		l4_ipc_call(copy(s.gate, rights[i], 0), l4_utcb(), l4_msgtag(0, 0, 0, 0), LIMIT);
		tap_is((long)s.label, 0xabc0 | i,
		       "the label carries W and S of the capability (%u)", i);
	}
	l4_ipc_call(copy(s.gate, L4_CAP_FPAGE_RWS, 0), l4_utcb(),
		    l4_msgtag(L4_PROTO_KOBJECT, 1, 0, 0), LIMIT);
	tap_is(l4_msgtag_label(s.tag), L4_PROTO_KOBJECT,
	       "gate protocol through a client capability goes to the server");
	l4_ipc_call(s.gate, l4_utcb(), l4_msgtag(L4_PROTO_META, 1, 0, 0), LIMIT);
	tap_is(l4_msgtag_label(s.tag), L4_PROTO_META, "the meta protocol goes to the server");
	server_end(&s);
}

static long kobject_call(l4_cap_idx_t gate, unsigned words)
{
	return l4_error(
	    l4_ipc_call(gate, l4_utcb(), l4_msgtag(L4_PROTO_KOBJECT, words, 0, 0), LIMIT));
}

static void test_errors(void)
{
	l4_cap_idx_t gate = gate_create(NULL, 0);

	mr_set(0, 0x99);
	tap_is(kobject_call(gate, 1), -L4_ENOSYS, "an unknown operation");
	tap_is(kobject_call(gate, 0), -L4_EINVAL, "no operation");
	mr_set(0, L4_RCV_EP_BIND_OP);
	tap_is(kobject_call(gate, 1), -L4_EMSGTOOSHORT, "bind without a label");
	mr_set(0, L4_KOBJECT_OP_DEC_REFCNT);
	tap_is(kobject_call(gate, 1), -L4_EINVAL, "dec refcount without a difference");
	cap_delete(gate);
}

/* Weak own capability: the gate dies with its last counted client capability. */
static void test_refcount(void)
{
	l4_cap_idx_t gate = gate_create_for(L4_BASE_THREAD_CAP, 0x30), client;

	tap_is(l4_error(l4_kobject_dec_refcnt(gate, 0)), 0, "dec refcount by 0");
	tap_is((long)mr_get(0), 1, "one capability counts");
	client = copy(gate, L4_CAP_FPAGE_RWS, 0);
	l4_kobject_dec_refcnt(gate, 0);
	tap_is((long)mr_get(0), 2, "a copy counts");
	copy(gate, L4_CAP_FPAGE_RWS, L4_FPAGE_C_NO_REF_CNT);
	l4_kobject_dec_refcnt(gate, 1);
	tap_is((long)mr_get(0), 1, "a weak copy does not; the difference is taken away");
	l4_task_release_cap(L4_BASE_TASK_CAP, client);
	tap_ok(!cap_exists(gate), "the gate dies with its last counted capability");
}

static void test_deletion_irq(void)
{
	l4_cap_idx_t irq = irq_create(), second = irq_create(), gate, weak = SLOT(5);
	l4_umword_t label = 0;

	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0xdead0);
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(irq, 0, L4_CAP_FPAGE_R),
		    weak | L4_ITEM_MAP);
	tap_is(l4_error(l4_thread_register_del_irq(L4_BASE_THREAD_CAP, weak)), -L4_EPERM,
	       "deletion interrupt: needs W");
	tap_is(l4_error(l4_thread_register_del_irq(L4_BASE_THREAD_CAP, irq)), 0,
	       "deletion interrupt: registered");
	tap_is(l4_error(l4_thread_register_del_irq(L4_BASE_THREAD_CAP, second)), -L4_EBUSY,
	       "deletion interrupt: only one");
	gate = gate_create_for(L4_BASE_THREAD_CAP, 0x50);
	cap_delete(gate);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)), 0, "deletion interrupt: arrives");
	tap_is((long)label, 0xdead0, "deletion interrupt: its own label");
	gate = gate_create_for(L4_BASE_THREAD_CAP, 0x50);
	copy(gate, L4_CAP_FPAGE_RWS, 0);
	l4_task_release_cap(L4_BASE_TASK_CAP, gate);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, L4_IPC_BOTH_TIMEOUT_0)), L4_IPC_RETIMEOUT,
	       "deletion interrupt: not while a capability is left");
	cap_delete(irq);
	cap_delete(second);
}

static void test_unbound(void)
{
	static struct partner p[3];
	l4_cap_idx_t gate = gate_create(NULL, 0);
	l4_umword_t label = 0;

	tap_is(
	    ipc_error(l4_ipc_send(gate, l4_utcb(), l4_msgtag(0, 0, 0, 0), L4_IPC_BOTH_TIMEOUT_0)),
	    L4_IPC_SETIMEOUT, "unbound gate: send with timeout zero");
	partner_init(&p[0], &root_task, gate, L4_SYSF_SEND);
	p[0].timeout = timeout_us(3000, 0);
	partner_start(&p[0], 0, HIGH);
	tap_ok(partner_done(&p[0], 500) && p[0].error == L4_IPC_SETIMEOUT,
	       "unbound gate: the send timeout counts");
	partner_init(&p[1], &root_task, gate, L4_SYSF_CALL);
	partner_block(&p[1], 0, HIGH);
	tap_ok(!p[1].done, "unbound gate: without timeout the sender waits");
	l4_rcv_ep_bind_thread(gate, L4_BASE_THREAD_CAP, 0x770);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)), 0,
	       "when the gate is bound the message arrives");
	tap_is((long)label, 0x773, "with the new label");
	invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 0, 0), LIMIT, NULL);
	tap_ok(partner_done(&p[1], 500) && !p[1].error, "and the caller gets its answer");
	cap_delete(gate);
	gate = gate_create(NULL, 0);
	partner_init(&p[2], &root_task, gate, L4_SYSF_SEND);
	partner_block(&p[2], 0, HIGH);
	cap_delete(gate);
	tap_ok(partner_done(&p[2], 500) && p[2].error == L4_IPC_ENOT_EXISTENT,
	       "when it is deleted the sender fails");
	for (unsigned i = 0; i < 3; i++)
		partner_end(&p[i]);
}

/* Messages queued at the bound thread stay there with the old label. */
static void test_rebind_with_senders(void)
{
	static struct partner p;
	l4_cap_idx_t gate = gate_create_for(L4_BASE_THREAD_CAP, 0x110);
	struct thread *t = thread_create(&root_task, NULL, NULL);
	l4_umword_t label = 0;

	partner_init(&p, &root_task, gate, L4_SYSF_SEND);
	partner_block(&p, 0, HIGH);
	l4_rcv_ep_bind_thread(gate, t->cap, 0x220);
	cap_delete(gate);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)), 0,
	       "a queued message survives rebinding and deletion of its gate");
	tap_is((long)label, 0x113, "with the label that it was sent with");
	tap_ok(partner_done(&p, 500) && !p.error, "the sender sees success");
	partner_end(&p);
	thread_destroy(t);
}

void test_main(void)
{
	test_bind();
	test_label_rights();
	test_errors();
	test_refcount();
	test_deletion_irq();
	test_unbound();
	test_rebind_with_senders();
}
