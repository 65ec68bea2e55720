/* SPDX-License-Identifier: MIT */
/* Long operations on capabilities, on objects with many waiters, and the rest. */
#include "stages.h"

#include <l4/sys/debugger.h>
#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/vcon.h>

enum { OWNED = 200, PORTS = 0x4000, PORTS_ORDER = 14, LOG_BYTES = 480, SLEEP_US = 20000 };
enum { DEADLINE_REGISTER = 8, ABSOLUTE = 0x8000 };

static void gates_create(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		must("gate", l4_factory_create_gate(L4_BASE_FACTORY_CAP, NTH_CAP(i),
						    L4_BASE_THREAD_CAP, 0x50));
}

static l4_msgtag_t caps_map(struct task *t, unsigned rights)
{
	return l4_task_map(t->cap, L4_BASE_TASK_CAP,
			   l4_obj_fpage(CAPS_FIRST, CAPS_ORDER, (unsigned char)rights),
			   l4_map_obj_control(CAPS_FIRST, L4_MAP_ITEM_MAP));
}

static l4_msgtag_t caps_unmap(l4_umword_t whence)
{
	return l4_task_unmap(L4_BASE_TASK_CAP,
			     l4_obj_fpage(CAPS_FIRST, CAPS_ORDER, L4_CAP_FPAGE_RWSD), whence);
}

static void one_cap_everywhere(struct task *t, l4_cap_idx_t cap)
{
	for (unsigned i = 0; i < CAPS; i++)
		must("map",
		     l4_task_map(t->cap, L4_BASE_TASK_CAP, l4_obj_fpage(cap, 0, L4_CAP_FPAGE_RWS),
				 l4_map_obj_control(NTH_CAP(i), L4_MAP_ITEM_MAP)));
}

void stages_caps(void)
{
	struct task *t = task_create();
	l4_cap_idx_t irq;

	gates_create(CAPS);
	STAGE("look for one of 1000 objects by its address",
	      l4_debugger_kobj_to_id(L4_BASE_DEBUGGER_CAP, 1));
	STAGE("map 1000 capabilities", must("map", caps_map(t, L4_CAP_FPAGE_RWS)));
	STAGE("unmap 1000 capabilities from others", must("unmap", caps_unmap(L4_FP_OTHER_SPACES)));
	irq = irq_create();
	one_cap_everywhere(t, irq);
	STAGE("delete an object with 1001 capabilities", cap_delete(irq));
	must("map", caps_map(t, L4_CAP_FPAGE_RWS));
	STAGE("delete 1000 gates at once", must("delete", caps_unmap(L4_FP_DELETE_OBJ)));
	gates_create(OWNED);
	must("map", caps_map(t, L4_CAP_FPAGE_RWSD));
	STAGE("delete a task that owns 200 gates", task_destroy(t));
	caps_unmap(L4_FP_ALL_SPACES);
}

/* --- Objects that threads wait at --- */

static struct thread *waiter[WAITERS];
static l4_cap_idx_t target;
static uint64_t wake_at;

static void call_target(void *unused)
{
	(void)unused;
	buffers_none();
	l4_ipc_call(target, l4_utcb(), l4_msgtag(0, 0, 0, 0), L4_IPC_NEVER);
}

static void down_target(void *unused)
{
	(void)unused;
	l4_semaphore_down(target, L4_IPC_NEVER);
}

static void sleep_until(void *unused)
{
	l4_timeout_t at = { .raw = ABSOLUTE | DEADLINE_REGISTER };

	(void)unused;
	l4_utcb()->br.br[DEADLINE_REGISTER] = wake_at;
	l4_ipc_sleep(at);
}

static void waiters_start(void (*function)(void *))
{
	for (unsigned i = 0; i < WAITERS; i++)
		waiter[i] = thread_run(function, NULL, 0, PRIO_ABOVE);
}

static void waiters_end(void)
{
	for (unsigned i = 0; i < WAITERS; i++)
		thread_destroy(waiter[i]);
}

static void sleep_for_ever(void *unused)
{
	(void)unused;
	l4_ipc_sleep(L4_IPC_NEVER);
}

static void stage_labels(struct thread *server)
{
	l4_cap_idx_t irq[OWNED];
	l4_msgtag_t tag;

	for (unsigned i = 0; i < OWNED; i++) {
		irq[i] = irq_create();
		must("bind", l4_rcv_ep_bind_thread(irq[i], server->cap, 0x2000));
		l4_irq_trigger(irq[i]);
	}
	tag = l4_thread_modify_sender_start();
	for (unsigned i = 0; i < 15; i++)
		l4_thread_modify_sender_add(~0UL, 0x1000 + i, 0, 0x10, &tag);
	STAGE("change the labels of 250 senders",
	      must("modify senders", l4_thread_modify_sender_commit(server->cap, tag)));
	for (unsigned i = 0; i < OWNED; i++)
		cap_delete(irq[i]);
}

static void stages_senders(void)
{
	struct thread *server = thread_run(sleep_for_ever, NULL, 0, PRIO_ABOVE);

	target = gate_create(NULL, 0);
	waiters_start(call_target);
	STAGE("delete an unbound gate with 50 senders", cap_delete(target));
	waiters_end();
	target = gate_create(server, 0x60);
	waiters_start(call_target);
	stage_labels(server);
	STAGE("delete a thread with 50 senders", thread_destroy(server));
	waiters_end();
	cap_delete(target);
}

static void wait_past(uint64_t when)
{
	while (clock_us() < when + SLEEP_US / 4)
		cpu_relax();
}

void stages_waiters(void)
{
	stages_senders();
	target = semaphore_create();
	waiters_start(down_target);
	STAGE("delete a semaphore with 50 waiters", cap_delete(target));
	waiters_end();
	wake_at = clock_us() + SLEEP_US;
	waiters_start(sleep_until);
	STAGE("50 timeouts at one moment", wait_past(wake_at));
	waiters_end();
}

/* --- The rest --- */

static void factory_fill(l4_cap_idx_t factory)
{
	for (unsigned i = 0; i < OWNED; i++)
		must("gate", l4_factory_create_gate(factory, NTH_CAP(i), L4_BASE_THREAD_CAP, 0));
}

static void stages_ports(struct task *t)
{
	l4_fpage_t ports = l4_iofpage(PORTS, PORTS_ORDER);

	ports_get(PORTS, PORTS_ORDER);
	STAGE("map 16384 I/O ports",
	      must("map ports", l4_task_map(t->cap, L4_BASE_TASK_CAP, ports,
					    l4_map_obj_control(0, L4_MAP_ITEM_MAP))));
	STAGE("unmap 16384 I/O ports",
	      must("unmap ports", l4_task_unmap(L4_BASE_TASK_CAP, ports, L4_FP_OTHER_SPACES)));
}

static void stage_log(void)
{
	char line[LOG_BYTES];

	memset(line, '-', LOG_BYTES);
	line[0] = '#';
	line[LOG_BYTES - 1] = '\n';
	STAGE("write a line of 480 characters", l4_vcon_write(L4_BASE_LOG_CAP, line, LOG_BYTES));
}

void stages_objects(void)
{
	struct task *t = task_create();
	l4_cap_idx_t factory = cap_alloc();

	must("factory", l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, 1UL << 20));
	factory_fill(factory);
	STAGE("delete a factory of 200 objects", cap_delete(factory));
	stages_ports(t);
	STAGE("delete a task with I/O ports", task_destroy(t));
	stage_log();
}
