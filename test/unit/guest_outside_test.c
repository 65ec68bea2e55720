/* SPDX-License-Identifier: MIT */
/* Capabilities of the virtual machine, used by the guest's kernel. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <l4/sys/ipc.h>

#include "guest/outside.h"
#include "shim/access.h"
#include "shim/calls.h"

enum { SELECTOR = 0x123000, OTHER = 0x124000 };

struct recorded_call recorded;
static struct guest_start start;
static struct machine machine = { .start = &start };
static struct vcpu vcpu = { .machine = &machine };
static l4_utcb_t own, guests;
static bool readable, writable;

l4_utcb_t *l4_utcb_wrap(void)
{
	return &own;
}

l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *utcb, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	recorded.selector = selector;
	recorded.slabel = slabel;
	recorded.tag = tag;
	recorded.timeout = timeout;
	recorded.utcb = *utcb;
	recorded.count++;
	assert_null(rlabel);
	memcpy(utcb->mr.mr, recorded.answer_mr, sizeof(recorded.answer_mr));
	utcb->tcr.error = L4_IPC_RETIMEOUT;
	return recorded.answer;
}

bool guest_read(struct vcpu *v, void *to, uint64_t from, size_t bytes)
{
	(void)v;
	if (!readable)
		return false;
	memset(&own, 0xee, sizeof(own)); /* what filling a view does to the UTCB */
	memcpy(to, (const void *)from, bytes);
	return true;
}

bool guest_write(struct vcpu *v, uint64_t to, const void *from, size_t bytes)
{
	(void)v;
	if (!writable)
		return false;
	memset(&own, 0xee, sizeof(own));
	memcpy((void *)to, from, bytes);
	return true;
}

static int begin(void **state)
{
	(void)state;
	memset(&recorded, 0, sizeof(recorded));
	memset(&start, 0, sizeof(start));
	memset(&guests, 0, sizeof(guests));
	start.vcpu[0].utcb = (uint64_t)&own;
	strcpy(start.caps[0].name, "log");
	start.caps[0].cap = SELECTOR;
	strcpy(start.caps[1].name, "a_name_of_23_characters");
	start.caps[1].cap = OTHER;
	readable = writable = true;
	return 0;
}

static long outside(uint64_t op, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t args[CALL_ARGS] = { op, a, b, c, d, ~0UL };

	return call_outside(&vcpu, args);
}

static l4_msgtag_t ipc(uint64_t dest, l4_msgtag_t tag)
{
	return (l4_msgtag_t){ outside(OUTSIDE_IPC, dest, (uint64_t)&guests, (uint64_t)tag.raw,
				      0x04000400) };
}

static bool refused(l4_msgtag_t tag)
{
	return l4_msgtag_has_error(tag) && recorded.count == 0 &&
	       l4_ipc_error(tag, &guests) == L4_IPC_ENOT_EXISTENT;
}

static void the_interface_says_its_version(void **state)
{
	(void)state;
	assert_int_equal(OUTSIDE_VERSION_NUMBER, outside(OUTSIDE_VERSION, 0, 0, 0, 0));
	assert_int_equal(-XEN_ENOSYS, outside(3, 0, 0, 0, 0));
	assert_int_equal(-XEN_ENOSYS, outside(1UL << 32, 0, 0, 0, 0));
}

static void capabilities_have_names(void **state)
{
	struct outside_cap c;

	(void)state;
	assert_int_equal(0, outside(OUTSIDE_CAP, 1, (uint64_t)&c, 0, 0));
	assert_string_equal("a_name_of_23_characters", c.name);
	assert_int_equal(OTHER, c.selector);
	assert_int_equal(-XEN_ENOENT, outside(OUTSIDE_CAP, 2, (uint64_t)&c, 0, 0));
	assert_int_equal(-XEN_ENOENT, outside(OUTSIDE_CAP, ~0UL, (uint64_t)&c, 0, 0));
	assert_int_equal(-XEN_ENOENT, outside(OUTSIDE_CAP, 1UL << 40, (uint64_t)&c, 0, 0));
	writable = false;
	assert_int_equal(-XEN_EFAULT, outside(OUTSIDE_CAP, 0, (uint64_t)&c, 0, 0));
}

static void a_call_takes_words_there_and_back(void **state)
{
	l4_msgtag_t tag = l4_msgtag(-13, 2, 0, L4_MSGTAG_SCHEDULE);

	(void)state;
	guests.mr.mr[0] = 11;
	guests.mr.mr[1] = 22;
	recorded.answer = l4_msgtag(7, 3, 0, 0);
	recorded.answer_mr[2] = 33;
	assert_int_equal(recorded.answer.raw, ipc(SELECTOR | L4_SYSF_CALL, tag).raw);
	assert_int_equal(SELECTOR | L4_SYSF_CALL, recorded.selector);
	assert_int_equal(tag.raw, recorded.tag.raw);
	assert_int_equal(0x04000400, recorded.timeout.raw);
	assert_int_equal(11, recorded.utcb.mr.mr[0]);
	assert_int_equal(22, recorded.utcb.mr.mr[1]);
	assert_int_equal(0, recorded.utcb.br.bdr);
	assert_int_equal(0, recorded.utcb.br.br[0]);
	assert_int_equal(0, guests.mr.mr[0]);
	assert_int_equal(33, guests.mr.mr[2]);
}

static void a_send_leaves_the_message_alone(void **state)
{
	(void)state;
	guests.mr.mr[0] = 11;
	recorded.answer = l4_msgtag(0, 5, 0, 0);
	ipc(OTHER | L4_SYSF_SEND, l4_msgtag(0, 1, 0, 0));
	assert_int_equal(1, recorded.count);
	assert_int_equal(11, guests.mr.mr[0]);
}

static void an_error_of_the_ipc_is_told(void **state)
{
	l4_msgtag_t tag;

	(void)state;
	guests.mr.mr[0] = 11;
	recorded.answer = l4_msgtag(0, 5, 0, L4_MSGTAG_ERROR);
	tag = ipc(SELECTOR | L4_SYSF_CALL, l4_msgtag(0, 1, 0, 0));
	assert_int_equal(L4_IPC_RETIMEOUT, l4_ipc_error(tag, &guests));
	assert_int_equal(11, guests.mr.mr[0]);
}

static void only_what_the_scenario_gave_can_be_invoked(void **state)
{
	(void)state;
	assert_true(refused(ipc(0x125000 | L4_SYSF_CALL, l4_msgtag(0, 0, 0, 0))));
	assert_true(refused(ipc(SELECTOR | L4_SYSF_WAIT, l4_msgtag(0, 0, 0, 0))));
	assert_true(refused(ipc(SELECTOR | L4_SYSF_REPLY_AND_WAIT, l4_msgtag(0, 0, 0, 0))));
	assert_true(refused(ipc(SELECTOR | L4_SYSF_CALL, l4_msgtag(0, 0, 1, 0))));
}

static void a_message_that_is_not_there_is_refused(void **state)
{
	(void)state;
	readable = false;
	assert_true(refused(ipc(SELECTOR | L4_SYSF_CALL, l4_msgtag(0, 4, 0, 0))));
	readable = true;
	writable = false;
	assert_true(l4_msgtag_has_error(ipc(SELECTOR | L4_SYSF_CALL, l4_msgtag(0, 4, 0, 0))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_interface_says_its_version, begin),
		cmocka_unit_test_setup(capabilities_have_names, begin),
		cmocka_unit_test_setup(a_call_takes_words_there_and_back, begin),
		cmocka_unit_test_setup(a_send_leaves_the_message_alone, begin),
		cmocka_unit_test_setup(an_error_of_the_ipc_is_told, begin),
		cmocka_unit_test_setup(only_what_the_scenario_gave_can_be_invoked, begin),
		cmocka_unit_test_setup(a_message_that_is_not_there_is_refused, begin),
	};

	return cmocka_run_group_tests_name("guest_outside", tests, NULL, NULL);
}
