/* SPDX-License-Identifier: MIT */
/* Typed items: maps, grants, windows, compound items, small buffers, receive-id, rights, errors. */
#include "partner.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

enum { HIGH = PRIO_MAIN + 20, LABEL = 0x5550, MAX_ITEMS = 8 };
#define WINDOW	  0x40000000UL /* addresses that nobody uses */
#define SLOT(n)	  ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)
#define MAP(spot) ((spot) | L4_ITEM_MAP)

/* The receiver: a partner in open wait with buffers; this thread sends through a gate to it. */
static struct partner p;
static struct task *other;
static l4_cap_idx_t gate, plain_channel;
static unsigned receiver_cpu;

static void receiver(struct task *t, l4_umword_t bdr, const l4_umword_t *buffers, unsigned count)
{
	partner_init(&p, t, L4_INVALID_CAP, L4_SYSF_WAIT);
	p.timeout = timeout_us(0, 1000000);
	p.bdr = bdr;
	memcpy(p.buffers, buffers, count * sizeof(*buffers));
	partner_start(&p, receiver_cpu, HIGH);
	gate = cap_alloc();
	l4_factory_create_gate(L4_BASE_FACTORY_CAP, gate, p.thread->cap, LABEL);
}

/* Send words in mr already set; returns the sender's IPC error and waits for the receiver. */
static long send_items(l4_cap_idx_t cap, unsigned words, unsigned items)
{
	long err = ipc_error(
	    invoke(cap, L4_SYSF_SEND, l4_msgtag(9, words, items, 0), timeout_us(1000000, 0), NULL));

	if (!partner_done(&p, 1000))
		tap_diag("the receiver is not done");
	return err;
}

static void end(void)
{
	cap_delete(gate);
	partner_end(&p);
}

static void set_item(unsigned at, l4_umword_t control, l4_fpage_t page)
{
	mr_set(at, control);
	mr_set(at + 1, page.raw);
}

static bool in_other(l4_cap_idx_t cap)
{
	return l4_msgtag_label(l4_task_cap_valid(other->cap, cap)) == 1;
}

static void drop_from_other(l4_cap_idx_t cap)
{
	l4_task_unmap(other->cap, l4_obj_fpage(cap, 0, L4_CAP_FPAGE_RWSD), L4_FP_ALL_SPACES);
}

static void test_small_buffer(void)
{
	const l4_umword_t buffers[] = { SLOT(1) | L4_RCV_ITEM_SINGLE_CAP };
	l4_cap_idx_t sem = semaphore_create();

	receiver(other, 0, buffers, 1);
	mr_set(0, 11);
	set_item(1, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 1, 1), 0, "one capability into a small buffer");
	tap_is(p.error, 0, "the receiver has no error");
	tap_ok(in_other(SLOT(1)), "the capability is there");
	tap_is((long)p.got[0], 11, "words before items arrive");
	tap_is((long)(p.got[1] & 7), 0, "the return item says mapped");
	tap_is((long)(p.got[1] & 0x38), 0x38, "and map item of type object");
	end();

	receiver(other, 0, buffers, 1);
	set_item(0, MAP(0), l4_obj_fpage(cap_alloc(), 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), 0, "an empty slot can be sent");
	tap_is((long)(p.got[0] & 6), L4_RCV_ITEM_NOT_MAPPED, "the return item says not mapped");
	end();
	drop_from_other(SLOT(1));
	cap_delete(sem);
}

static void test_void_and_errors(void)
{
	const l4_umword_t buffers[] = { SLOT(2) | L4_RCV_ITEM_SINGLE_CAP };
	l4_cap_idx_t sem = semaphore_create();

	receiver(other, 0, buffers, 1);
	set_item(0, 0, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	set_item(2, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 2), 0, "a void item needs no buffer");
	tap_is((long)p.got[0], 0, "its return word is 0");
	tap_ok(in_other(SLOT(2)), "the item after it is mapped");
	end();
	drop_from_other(SLOT(2));

	receiver(other, 0, buffers, 1);
	mr_set(0, 123);
	set_item(1, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	set_item(3, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 1, 2), L4_IPC_SEMSGCUT, "no buffer for an item: sender's error");
	tap_is(p.error, L4_IPC_REMSGCUT, "no buffer for an item: receiver's error");
	tap_is((long)p.got[0], 123, "the words have arrived nevertheless");
	tap_ok(in_other(SLOT(2)), "items before the bad one stay mapped");
	end();
	drop_from_other(SLOT(2));

	receiver(other, 0, buffers, 0);
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), L4_IPC_SEMSGCUT, "void buffer: overflow");
	end();

	receiver(other, 0, buffers, 1);
	set_item(61, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 62, 1), L4_IPC_SEMSGCUT, "an item behind the registers: overflow");
	end();
	cap_delete(sem);
}

static void test_compound(void)
{
	const l4_umword_t buffers[] = { L4_ITEM_MAP, l4_obj_fpage(SLOT(8), 3, 0).raw };
	l4_cap_idx_t sem[3];

	for (unsigned i = 0; i < 3; i++)
		sem[i] = semaphore_create();
	receiver(other, 0, buffers, 2);
	for (unsigned i = 0; i < 3; i++)
		set_item(2 * i,
			 MAP((l4_umword_t)(i * 2) << L4_CAP_SHIFT) | (i < 2 ? L4_ITEM_CONT : 0),
			 l4_obj_fpage(sem[i], 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 3), 0, "three compound items into one window");
	for (unsigned i = 0; i < 8; i++)
		tap_is(in_other(SLOT(8 + i)), i < 6 && i % 2 == 0,
		       "window slot %u: the hot spot decides", i);
	end();
	for (unsigned i = 0; i < 8; i++)
		drop_from_other(SLOT(8 + i));
	for (unsigned i = 0; i < 3; i++)
		cap_delete(sem[i]);
}

/* Memory: the hot spot selects a part on the side that is larger. */
static void test_memory_windows(void)
{
	char *page = mem_alloc(14);
	const l4_umword_t small[] = { L4_ITEM_MAP, l4_fpage(WINDOW, 12, 0).raw };
	const l4_umword_t large[] = { L4_ITEM_MAP, l4_fpage(WINDOW, 16, 0).raw };

	for (unsigned i = 0; i < 4; i++)
		page[i * PAGE_BYTES] = (char)('a' + i);
	receiver(&root_task, 0, small, 2);
	set_item(0, MAP(0x2000UL), l4_fpage((l4_addr_t)page, 14, L4_FPAGE_RW));
	tap_is(send_items(gate, 0, 1), 0, "16 KiB sent into a window of 4 KiB");
	tap_is(*(volatile char *)WINDOW, 'c', "the hot spot names the page of the source");
	end();
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(WINDOW, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);

	receiver(&root_task, 0, large, 2);
	set_item(0, MAP(0x7000UL), l4_fpage((l4_addr_t)page, 13, L4_FPAGE_RW));
	tap_is(send_items(gate, 0, 1), 0, "8 KiB sent into a window of 64 KiB");
	tap_is(*(volatile char *)(WINDOW + 0x6000), 'a', "the hot spot names the place in it");
	tap_is(*(volatile char *)(WINDOW + 0x7000), 'b', "the second page follows");
	tap_is((long)(p.got[0] >> 12), 7, "the return item has the hot spot");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(WINDOW, 16, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
	end();
}

/* Is there a page at an address of the own task? Tries to send it to the other task. */
static bool is_mapped(l4_addr_t address)
{
	const l4_umword_t buffers[] = { L4_ITEM_MAP, l4_fpage(WINDOW + 0x100000, 12, 0).raw };
	bool result;

	receiver(other, 0, buffers, 2);
	set_item(0, MAP(0), l4_fpage(address, 12, L4_FPAGE_RO));
	send_items(gate, 0, 1);
	result = (p.got[0] & 6) == L4_RCV_ITEM_MAPPED;
	end();
	l4_task_unmap(other->cap, l4_fpage(WINDOW + 0x100000, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
	return result;
}

static void test_grant(void)
{
	char *page = mem_alloc(12);
	const l4_umword_t first[] = { L4_ITEM_MAP, l4_fpage(WINDOW, 12, 0).raw };
	const l4_umword_t second[] = { L4_ITEM_MAP, l4_fpage(WINDOW + 0x2000, 12, 0).raw };
	const l4_umword_t slot[] = { SLOT(3) | L4_RCV_ITEM_SINGLE_CAP };
	l4_cap_idx_t sem = semaphore_create();

	*page = 'g';
	receiver(&root_task, 0, first, 2);
	set_item(0, MAP(0), l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RW));
	send_items(gate, 0, 1);
	end();
	receiver(&root_task, 0, second, 2);
	set_item(0, MAP(0) | L4_MAP_ITEM_GRANT, l4_fpage(WINDOW, 12, L4_FPAGE_RW));
	tap_is(send_items(gate, 0, 1), 0, "a page is granted");
	tap_is(*(volatile char *)(WINDOW + 0x2000), 'g', "it is at its new place");
	end();
	tap_ok(!is_mapped(WINDOW), "and no longer at the old one");
	tap_ok(is_mapped(WINDOW + 0x2000), "while the new one can be mapped on");
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RWX),
		      L4_FP_OTHER_SPACES);
	tap_ok(!is_mapped(WINDOW + 0x2000), "a granted page is still derived from its origin");

	receiver(other, 0, slot, 1);
	set_item(0, MAP(0) | L4_MAP_ITEM_GRANT, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), 0, "a capability is granted");
	tap_ok(!cap_exists(sem), "the sender has it no longer");
	tap_ok(in_other(SLOT(3)), "the receiver has it");
	end();
	drop_from_other(SLOT(3));
}

/* BDR: separate places for memory and capabilities. */
static void test_buffer_descriptor(void)
{
	char *page = mem_alloc(12);
	const l4_umword_t buffers[] = { L4_ITEM_MAP, l4_fpage(WINDOW, 12, 0).raw, 0,
					SLOT(4) | L4_RCV_ITEM_SINGLE_CAP };
	l4_cap_idx_t sem = semaphore_create();

	*page = 'd';
	receiver(other, l4_bdr(0, 2, 3, 0), buffers, 4);
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	set_item(2, MAP(0), l4_fpage((l4_addr_t)page, 12, L4_FPAGE_RO));
	tap_is(send_items(gate, 0, 2), 0, "each kind of item has its own buffers");
	tap_ok(in_other(SLOT(4)), "the capability is in its slot");
	tap_is((long)(p.got[2] & 0x36), 0x10, "the memory is mapped");
	end();
	drop_from_other(SLOT(4));
	l4_task_unmap(other->cap, l4_fpage(WINDOW, 12, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
	receiver(other, l4_bdr(0, 2, 3, 0), buffers, 4);
	set_item(0, MAP(0), l4_iofpage(0x80, 0));
	tap_is(send_items(gate, 0, 1), L4_IPC_SEMSGCUT, "no buffer for ports: overflow");
	end();
	cap_delete(sem);
}

static void test_receive_id(void)
{
	const l4_umword_t buffers[] = { SLOT(5) | L4_RCV_ITEM_SINGLE_CAP | L4_RCV_ITEM_LOCAL_ID };
	l4_cap_idx_t sem = semaphore_create(), local;
	l4_fpage_t page = l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS);

	receiver(&root_task, 0, buffers, 1);
	set_item(0, MAP(0), page);
	tap_is(send_items(gate, 0, 1), 0, "receive-id in one task");
	tap_is((long)(p.got[0] & 6), L4_RCV_ITEM_FLEXPAGE, "the return item says flexpage");
	tap_ok(p.got[1] == page.raw, "it is the sender's flexpage");
	tap_ok(!cap_exists(SLOT(5)), "nothing is mapped");
	end();

	receiver(other, 0, buffers, 1);
	local = gate_create(p.thread, 0x7770);
	set_item(0, MAP(0), l4_obj_fpage(local, 0, L4_CAP_FPAGE_RW));
	tap_is(send_items(gate, 0, 1), 0, "receive-id for a gate of the receiver's task");
	tap_is((long)(p.got[0] & 6), L4_RCV_ITEM_GATE_LABEL, "the return item says label");
	tap_is((long)p.got[1], 0x7770 | 1, "it is the label with the rights sent");
	tap_ok(!in_other(SLOT(5)), "nothing is mapped");
	end();

	receiver(other, 0, buffers, 1);
	set_item(0, MAP(0), page);
	tap_is(send_items(gate, 0, 1), 0, "receive-id for a foreign object");
	tap_is((long)(p.got[0] & 6), L4_RCV_ITEM_MAPPED, "it is mapped");
	tap_ok(in_other(SLOT(5)), "into the slot");
	end();
	drop_from_other(SLOT(5));
	cap_delete(local);
	cap_delete(sem);
}

/* What arrives of RWS through a channel: seen by comparing with copies of known rights. */
static bool arrives_as(l4_cap_idx_t channel, l4_cap_idx_t sem, unsigned sent, unsigned expected)
{
	const l4_umword_t buffers[] = { SLOT(6) | L4_RCV_ITEM_SINGLE_CAP };
	bool equal;

	receiver(other, 0, buffers, 1);
	if (!channel)
		channel = gate;
	else
		l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
			    l4_obj_fpage(gate, 0, L4_CAP_FPAGE_RW), MAP(channel));
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, (unsigned char)sent));
	send_items(channel, 0, 1);
	end();
	l4_task_map(other->cap, L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, (unsigned char)expected),
		    MAP(SLOT(7)));
	equal = l4_msgtag_label(l4_task_cap_equal(other->cap, SLOT(6), SLOT(7))) == 1;
	drop_from_other(SLOT(6));
	drop_from_other(SLOT(7));
	return equal;
}

static void test_rights(void)
{
	l4_cap_idx_t sem = semaphore_create();

	tap_ok(arrives_as(0, sem, L4_CAP_FPAGE_RWS, L4_CAP_FPAGE_RWS),
	       "a channel with S passes W and S");
	tap_ok(arrives_as(0, sem, L4_CAP_FPAGE_R, L4_CAP_FPAGE_R), "only rights sent arrive");
	tap_ok(arrives_as(0, sem, L4_CAP_FPAGE_RS, L4_CAP_FPAGE_RS), "S without W arrives");
	tap_ok(arrives_as(plain_channel, sem, L4_CAP_FPAGE_RWS, L4_CAP_FPAGE_RW),
	       "a channel without S masks S and passes W");
	cap_delete(sem);
}

/* An answer goes through the capability of the call: a caller without S gets no S. */
static bool answer_arrives_as(unsigned channel_rights, l4_cap_idx_t sem, unsigned expected)
{
	l4_cap_idx_t own = gate_create_for(L4_BASE_THREAD_CAP, LABEL);
	bool equal;

	partner_init(&p, other, own, L4_SYSF_CALL);
	task_give(other, own, channel_rights);
	p.buffers[0] = SLOT(6) | L4_RCV_ITEM_SINGLE_CAP;
	partner_start(&p, receiver_cpu, HIGH);
	l4_ipc_wait(l4_utcb(), NULL, timeout_us(0, 1000000));
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	invoke(L4_INVALID_CAP, L4_SYSF_SEND | L4_SYSF_REPLY, l4_msgtag(0, 0, 1, 0),
	       L4_IPC_BOTH_TIMEOUT_0, NULL);
	equal = partner_done(&p, 1000) && !p.error;
	l4_task_map(other->cap, L4_BASE_TASK_CAP, l4_obj_fpage(sem, 0, (unsigned char)expected),
		    MAP(SLOT(7)));
	equal = equal && l4_error(l4_task_cap_equal(other->cap, SLOT(6), SLOT(7))) == 1;
	drop_from_other(SLOT(6));
	drop_from_other(SLOT(7));
	cap_delete(own);
	partner_end(&p);
	return equal;
}

static void test_answer_rights(void)
{
	l4_cap_idx_t sem = semaphore_create();

	tap_ok(answer_arrives_as(L4_CAP_FPAGE_RWS, sem, L4_CAP_FPAGE_RWS),
	       "an answer to a call through a capability with S passes S");
	tap_ok(answer_arrives_as(L4_CAP_FPAGE_RW, sem, L4_CAP_FPAGE_RW),
	       "an answer to a call through one without S does not");
	cap_delete(sem);
}

static void test_forward(void)
{
	const l4_umword_t good[] = {
		SLOT(9) | L4_RCV_ITEM_SINGLE_CAP | L4_RCV_ITEM_FORWARD_MAPPINGS, other->cap
	};
	const l4_umword_t bad[] = { SLOT(9) | L4_RCV_ITEM_SINGLE_CAP | L4_RCV_ITEM_FORWARD_MAPPINGS,
				    L4_BASE_FACTORY_CAP };
	l4_cap_idx_t sem = semaphore_create();

	receiver(&root_task, 0, good, 2);
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), 0, "a receiver forwards to another task");
	tap_ok(in_other(SLOT(9)) && !cap_exists(SLOT(9)), "the capability is there, not here");
	end();
	receiver(&root_task, 0, bad, 2);
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), L4_IPC_SEMSGCUT, "forwarding to something else: overflow");
	end();
	drop_from_other(SLOT(9));
	cap_delete(sem);
}

/* Behaviours that no header states but user land relies on. */
static void test_odd_windows(void)
{
	const l4_umword_t memory[] = { L4_ITEM_MAP, l4_fpage(WINDOW, 12, 0).raw };
	const l4_umword_t local[] = { SLOT(5) | L4_RCV_ITEM_SINGLE_CAP | L4_RCV_ITEM_LOCAL_ID };
	l4_fpage_t page = l4_fpage((l4_addr_t)mem_alloc(12), 12, L4_FPAGE_RW);
	l4_cap_idx_t sem = semaphore_create();

	receiver(other, 0, memory, 2);
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), 0, "a capability sent into a window for memory: no error");
	tap_is(p.error, 0, "nor for the receiver");
	tap_is((long)(p.got[0] & L4_RCV_ITEM_RESULT_MASK), L4_RCV_ITEM_MAPPED,
	       "the return item says mapped");
	tap_ok(!in_other(0), "but nothing is");
	end();

	receiver(&root_task, 0, local, 1);
	set_item(0, MAP(0), page);
	tap_is(send_items(gate, 0, 1), 0, "receive-id for memory in one task");
	tap_is((long)(p.got[0] & L4_RCV_ITEM_RESULT_MASK), L4_RCV_ITEM_FLEXPAGE,
	       "the return item says flexpage");
	tap_is((long)p.got[1], (long)page.raw, "it is the one sent");
	end();

	receiver(&root_task, 0, local, 1);
	p.thread->utcb->br.br[0] = SLOT(9) | L4_RCV_ITEM_SINGLE_CAP;
	set_item(0, MAP(0), l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	tap_is(send_items(gate, 0, 1), 0, "buffer registers are changed while the receiver waits");
	tap_ok(cap_exists(SLOT(9)), "they are read when the message comes");
	end();
	l4_task_release_cap(L4_BASE_TASK_CAP, SLOT(9));
	cap_delete(sem);
}

/* Pages so far apart that each needs tables of its own, into a task without memory for them. */
static void test_map_failed(void)
{
	enum { QUOTA = 96 * 1024, FIRST = 30 };
	l4_fpage_t page = l4_fpage((l4_addr_t)mem_alloc(12), 12, L4_FPAGE_RW);
	l4_cap_idx_t factory = cap_alloc(), poor = cap_alloc(), sem = semaphore_create();
	const l4_umword_t buffers[] = { L4_ITEM_MAP | L4_RCV_ITEM_FORWARD_MAPPINGS,
					l4_fpage_all().raw, poor };

	l4_factory_create_factory(L4_BASE_FACTORY_CAP, factory, QUOTA);
	tap_is(l4_error(l4_factory_create_task(factory, poor, l4_fpage_invalid())), 0,
	       "a task with little memory");
	receiver(&root_task, 0, buffers, 3);
	set_item(0, MAP(SLOT(1)) | L4_ITEM_CONT, l4_obj_fpage(sem, 0, L4_CAP_FPAGE_RWS));
	for (unsigned i = 1; i < 16; i++)
		set_item(2 * i, MAP((l4_umword_t)i << FIRST) | L4_ITEM_CONT, page);
	tap_is(send_items(gate, 0, 16), L4_IPC_SEMAPFAILED, "no memory for tables: sender's error");
	tap_is(p.error, L4_IPC_REMAPFAILED, "no memory for tables: receiver's error");
	tap_is(l4_msgtag_label(l4_task_cap_valid(poor, SLOT(1))), 1,
	       "what was mapped before stays");
	end();
	tap_is(ipc_error(l4_task_map(poor, L4_BASE_TASK_CAP, page, MAP(31UL << FIRST))),
	       L4_IPC_SEMAPFAILED, "mapping by the task's method fails as well");
	cap_delete(sem);
	cap_delete(poor);
	cap_delete(factory);
}

void test_main(void)
{
	other = task_create();
	for (receiver_cpu = 0; receiver_cpu < 2 && receiver_cpu < cpu_count(); receiver_cpu++) {
		tap_diag("the receiver runs on CPU %u", cpu_number(receiver_cpu));
		plain_channel = cap_alloc();
		test_small_buffer();
		test_void_and_errors();
		test_compound();
		test_memory_windows();
		test_grant();
		test_buffer_descriptor();
		test_receive_id();
		test_rights();
		test_answer_rights();
		test_forward();
		test_odd_windows();
		test_map_failed();
	}
}
