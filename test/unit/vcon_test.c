/* SPDX-License-Identifier: MIT */
/* Promises of the console library: what the ring keeps, how logs are created, the protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include "vcon/create.h"
#include "vcon/ring.h"
#include "vcon/vcon.h"

enum { SLOTS = 64 };

static l4_utcb_t utcb;
static unsigned slots_used, triggers[SLOTS];
static bool dead[SLOTS];
static unsigned same_as[SLOTS]; /* slots with the same number hold the same object */

l4_utcb_t *l4_utcb_wrap(void)
{
	return &utcb;
}

static l4_msgtag_t task_call(const l4_umword_t *mr)
{
	unsigned a = (unsigned)(mr[1] >> L4_CAP_SHIFT), b = (unsigned)(mr[2] >> L4_CAP_SHIFT);
	bool comparing = a != b && b < SLOTS && same_as[b];

	return l4_msgtag(comparing ? same_as[a] == same_as[b] : !dead[a], 0, 0, 0);
}

/* A kernel that counts triggers and knows which slots hold the same. */
l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *u, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	unsigned slot = (unsigned)(selector >> L4_CAP_SHIFT);
	l4_umword_t mr[3] = { u->mr.mr[0], u->mr.mr[1], u->mr.mr[2] };

	(void)slabel;
	(void)rlabel;
	(void)timeout;
	memset(u->mr.mr, 0xee, sizeof(u->mr.mr));
	if (l4_msgtag_label(tag) == L4_PROTO_TASK && mr[0] == L4_TASK_MAP_OP)
		same_as[(mr[1] >> L4_CAP_SHIFT) % SLOTS] = same_as[(mr[2] >> L4_CAP_SHIFT) % SLOTS];
	if (l4_msgtag_label(tag) == L4_PROTO_TASK && mr[0] == 2)
		return task_call(mr);
	if (l4_msgtag_label(tag) == L4_PROTO_IRQ && slot < SLOTS) {
		triggers[slot]++;
		u->tcr.error = dead[slot] ? L4_IPC_ENOT_EXISTENT : 0;
		return l4_msgtag(0, 0, 0, dead[slot] ? L4_MSGTAG_ERROR : 0);
	}
	return l4_msgtag(0, 0, 0, 0);
}

static l4_cap_idx_t slot_alloc(void)
{
	return slots_used < SLOTS - 1 ? ++slots_used * L4_CAP_SIZE : L4_INVALID_CAP;
}

static void slot_free(l4_cap_idx_t slot)
{
	(void)slot;
}

/* --- The ring --- */

static void the_ring_keeps_the_last_bytes(void **state)
{
	char memory[7], all[4096], got[16];
	struct ring r = ring_init(memory, sizeof(memory));

	(void)state;
	for (unsigned i = 0, end = 0; end < 4000; i++) {
		unsigned count = i % 11;
		uint64_t at = 0;

		for (unsigned k = 0; k < count; k++)
			all[end + k] = (char)('a' + rand() % 26);
		ring_put(&r, all + end, count);
		end += count;
		assert_int_equal(r.end, end);
		assert_int_equal(r.begin, end > 7 ? end - 7 : 0);
		assert_int_equal(ring_read(&r, &at, got, sizeof(got)), r.end - r.begin);
		assert_memory_equal(got, all + r.begin, r.end - r.begin);
		assert_int_equal(at, end);
	}
}

static void a_cleared_ring_is_empty_and_positions_go_on(void **state)
{
	char memory[8], got[8];
	struct ring r = ring_init(memory, sizeof(memory));
	uint64_t at = 0;

	(void)state;
	ring_put(&r, "abc", 3);
	ring_clear(&r);
	assert_int_equal(ring_read(&r, &at, got, 8), 0);
	ring_put(&r, "de", 2);
	assert_int_equal(ring_read(&r, &at, got, 8), 2);
	assert_memory_equal(got, "de", 2);
	assert_int_equal(at, 5);
}

static void lines_are_found_across_the_seam(void **state)
{
	char memory[10];
	struct ring r = ring_init(memory, sizeof(memory));

	(void)state;
	ring_put(&r, "xxxxx\nab\ncdef\ng", 15); /* kept: "\nab\ncdef\ng" from 5 on */
	assert_int_equal(ring_line_end(&r, 0), 6);
	assert_int_equal(ring_line_end(&r, 6), 9);
	assert_int_equal(ring_line_end(&r, 9), 14);
	assert_int_equal(ring_line_end(&r, 14), 15);
	assert_int_equal(ring_last_lines(&r, 1), 14);
	assert_int_equal(ring_last_lines(&r, 2), 9);
	assert_int_equal(ring_last_lines(&r, 3), 6);
	assert_int_equal(ring_last_lines(&r, 99), 5);
	ring_put(&r, "\n", 1);
	assert_int_equal(ring_last_lines(&r, 1), 14);
}

/* --- Creation --- */

static char options[64];

static long note_option(void *data, const char *text)
{
	assert_ptr_equal(data, options);
	strcat(strcat(options, text), ",");
	return strcmp(text, "bad") ? 0 : -L4_ENOSYS;
}

static long create(const struct wire_out *o, struct vcon_create *c)
{
	struct wire_in in = wire_in_init(wire_tag(o, 0));

	*options = 0;
	return vcon_create_read(&in, c, note_option, options);
}

static void a_log_is_created_with_tag_colour_and_options(void **state)
{
	struct wire_out o = { 0 };
	struct vcon_create c;

	(void)state;
	wire_put_varg_string(&o, "name");
	assert_int_equal(create(&o, &c), 0);
	assert_string_equal(c.tag, "name");
	assert_int_equal(c.colour, VCON_WHITE);
	wire_put_varg_string(&o, "Red");
	wire_put_varg_string(&o, "show");
	wire_put_varg_string(&o, "key=x");
	assert_int_equal(create(&o, &c), 0);
	assert_int_equal(c.colour, 1 | VCON_BRIGHT);
	assert_string_equal(options, "show,key=x,");
	wire_put_varg_string(&o, "bad");
	wire_put_varg_string(&o, "more");
	assert_int_equal(create(&o, &c), -L4_ENOSYS);
	assert_string_equal(options, "show,key=x,bad,");
}

static void a_log_without_tag_is_refused_and_a_long_one_cut(void **state)
{
	struct wire_out none = { 0 }, number = { 0 }, o = { 0 }, later = { 0 };
	struct vcon_create c;

	(void)state;
	assert_int_equal(create(&none, &c), -L4_EINVAL);
	wire_put_varg_int(&number, 3);
	assert_int_equal(create(&number, &c), -L4_EINVAL);
	wire_put_varg_string(&o, "a name that is longer than thirty-one characters");
	wire_put_varg_int(&o, 26);
	assert_int_equal(create(&o, &c), 0);
	assert_int_equal(strlen(c.tag), VCON_TAG_MAX);
	assert_int_equal(c.colour, 10);
	wire_put_varg_string(&later, "t");
	wire_put_varg_string(&later, "w");
	wire_put_varg_int(&later, 1);
	assert_int_equal(create(&later, &c), -L4_EINVAL);
}

static void colours_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		char name[2] = { "nrgybmcw"[i], 0 };

		assert_int_equal(vcon_colour(name), i);
		name[0] = (char)(name[0] - 32);
		assert_int_equal(vcon_colour(name), i | VCON_BRIGHT);
	}
	assert_int_equal(vcon_colour("yellow"), 3);
	assert_int_equal(vcon_colour(""), 0);
	assert_int_equal(vcon_colour("?"), 0);
}

/* --- The protocol --- */

static char written[1024];
static size_t written_count;
static const char *input = "";

static void note_write(struct vcon *vcon, const char *text, size_t count)
{
	(void)vcon;
	memset(&utcb, 0xee, sizeof(utcb)); /* as system calls may do */
	memcpy(written, text, count);
	written_count = count;
}

static size_t take_input(struct vcon *vcon, char *out, size_t count, l4_umword_t *flags)
{
	size_t n = strlen(input) < count ? strlen(input) : count;

	(void)vcon;
	memcpy(out, input, n);
	input += n;
	*flags = *input ? 0 : L4_VCON_READ_STAT_DONE;
	return n;
}

static const struct vcon_actions both = { note_write, take_input },
				 output_only = { note_write, NULL };
static const struct server_interface interfaces[] = { VCON_INTERFACES };
static const struct server_class class = { interfaces, 2, NULL, NULL };
static struct server server;
static struct server_object *buckets[4];
static struct vcon vcon;

static int setup(void **state)
{
	(void)state;
	memset(dead, 0, sizeof(dead));
	memset(triggers, 0, sizeof(triggers));
	memset(same_as, 0, sizeof(same_as));
	memset(buckets, 0, sizeof(buckets));
	slots_used = 0;
	server = (struct server){ .config = { .task = L4_BASE_TASK_CAP,
					      .slot_alloc = slot_alloc,
					      .slot_free = slot_free,
					      .buckets = buckets,
					      .bucket_count = 4 } };
	server.receive[0] = slot_alloc();
	server.receive[1] = slot_alloc();
	vcon = (struct vcon){ .object.class = &class, .actions = &both };
	return server_publish(&server, &vcon.object) ? -1 : 0;
}

static l4_msgtag_t send(long protocol, unsigned words, unsigned items)
{
	return server_dispatch(&server, vcon.object.label, l4_msgtag(protocol, words, items, 0));
}

static l4_msgtag_t write_bytes(const char *text, l4_umword_t count, unsigned words)
{
	utcb.mr.mr[0] = L4_VCON_WRITE_OP;
	utcb.mr.mr[1] = count;
	memcpy(&utcb.mr.mr[2], text, strlen(text));
	return send(L4_PROTO_LOG, words, 0);
}

static void writes_are_taken_and_not_answered(void **state)
{
	(void)state;
	assert_int_equal(l4_msgtag_label(write_bytes("hello, log", 10, 4)), -L4_ENOREPLY);
	assert_int_equal(written_count, 10);
	assert_memory_equal(written, "hello, log", 10);
	assert_int_equal(l4_msgtag_label(write_bytes("12345678", 4000, 3)), -L4_ENOREPLY);
	assert_int_equal(written_count, 8); /* no more than came */
	written_count = 99;
	assert_int_equal(l4_msgtag_label(write_bytes("", 1, 1)), -L4_EINVAL);
	assert_int_equal(written_count, 99);
}

static void reads_give_input_and_say_whether_there_is_more(void **state)
{
	l4_msgtag_t tag;

	(void)state;
	input = "typed";
	utcb.mr.mr[0] = 3 << 16 | L4_VCON_READ_OP;
	tag = send(L4_PROTO_LOG, 1, 0);
	assert_int_equal(l4_msgtag_label(tag), 0);
	assert_int_equal(utcb.mr.mr[0], 3);
	assert_memory_equal(&utcb.mr.mr[1], "typ", 3);
	utcb.mr.mr[0] = 0xffffUL << 16 | L4_VCON_READ_OP;
	tag = send(L4_PROTO_LOG, 1, 0);
	assert_int_equal(utcb.mr.mr[0], 2 | L4_VCON_READ_STAT_DONE);
	assert_int_equal(l4_msgtag_words(tag), 2);
	vcon.actions = &output_only;
	utcb.mr.mr[0] = 3 << 16 | L4_VCON_READ_OP;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_LOG, 1, 0)), -L4_ENOSYS);
}

static void attributes_are_kept(void **state)
{
	(void)state;
	utcb.mr.mr[0] = L4_VCON_SET_ATTR_OP;
	utcb.mr.mr[1] = 0100;
	utcb.mr.mr[2] = 04;
	utcb.mr.mr[3] = 010;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_LOG, 4, 0)), 0);
	utcb.mr.mr[0] = L4_VCON_SET_ATTR_OP;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_LOG, 3, 0)), -L4_EMSGTOOSHORT);
	utcb.mr.mr[0] = L4_VCON_GET_ATTR_OP;
	assert_int_equal(l4_msgtag_words(send(L4_PROTO_LOG, 1, 0)), 4);
	assert_int_equal(utcb.mr.mr[1], 0100);
	assert_int_equal(utcb.mr.mr[2], 04);
	assert_int_equal(utcb.mr.mr[3], 010);
	utcb.mr.mr[0] = 4;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_LOG, 1, 0)), -L4_ENOSYS);
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_LOG, 0, 0)), -L4_EMSGTOOSHORT);
}

/* --- The pin --- */

/* A capability of object number `object` comes with the message. */
static long bind(unsigned op, l4_umword_t number, unsigned object)
{
	unsigned slot = (unsigned)(server.receive[0] >> L4_CAP_SHIFT);

	same_as[slot] = object;
	utcb.mr.mr[0] = op;
	utcb.mr.mr[1] = number;
	utcb.mr.mr[2] = 0x38; /* a capability has been mapped */
	utcb.mr.mr[3] = 0;
	return l4_msgtag_label(send(L4_PROTO_IRQ, 2, 1));
}

static unsigned fired(void)
{
	unsigned sum = 0;

	memset(triggers, 0, sizeof(triggers));
	pin_fire(&vcon.pin, &server);
	for (unsigned i = 0; i < SLOTS; i++)
		sum += triggers[i];
	return sum;
}

static void a_pin_triggers_all_that_are_bound(void **state)
{
	(void)state;
	vcon.pin.limit = 2;
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 100), 0);
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 101), 0);
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 101), 0); /* it is already */
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 102), -L4_ENOMEM);
	assert_int_equal(fired(), 2);
	assert_int_equal(bind(L4_ICU_OP_UNBIND, 0, 100), 0);
	assert_int_equal(bind(L4_ICU_OP_UNBIND, 0, 100), -L4_ENOENT);
	assert_int_equal(fired(), 1);
}

static void a_new_interrupt_takes_the_place_of_the_only_one(void **state)
{
	(void)state;
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 100), 0);
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 101), 0);
	assert_int_equal(vcon.pin.count, 1);
	assert_int_equal(same_as[vcon.pin.bound[0] >> L4_CAP_SHIFT], 101);
}

static void an_interrupt_that_is_gone_is_forgotten(void **state)
{
	(void)state;
	vcon.pin.limit = 2;
	bind(L4_ICU_OP_BIND, 0, 100);
	bind(L4_ICU_OP_BIND, 0, 101);
	dead[vcon.pin.bound[0] >> L4_CAP_SHIFT] = true;
	assert_int_equal(fired(), 2);
	assert_int_equal(fired(), 1);
	dead[vcon.pin.bound[0] >> L4_CAP_SHIFT] = true;
	assert_int_equal(bind(L4_ICU_OP_BIND, 0, 102), 0);
	assert_int_equal(vcon.pin.count, 1);
}

static void a_wrong_pin_or_no_capability_is_refused(void **state)
{
	(void)state;
	assert_int_equal(bind(L4_ICU_OP_BIND, 1, 100), -L4_EINVAL);
	utcb.mr.mr[0] = L4_ICU_OP_BIND;
	utcb.mr.mr[1] = 0;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_IRQ, 2, 0)), -L4_EINVAL);
	utcb.mr.mr[0] = L4_ICU_OP_BIND;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_IRQ, 1, 0)), -L4_EMSGTOOSHORT);
	assert_int_equal(vcon.pin.count, 0);
	utcb.mr.mr[0] = L4_ICU_OP_INFO;
	assert_int_equal(l4_msgtag_words(send(L4_PROTO_IRQ, 1, 0)), 3);
	assert_int_equal(utcb.mr.mr[1], 1);
	utcb.mr.mr[0] = L4_ICU_OP_UNMASK;
	utcb.mr.mr[1] = 0;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_IRQ, 2, 0)), -L4_ENOREPLY);
	utcb.mr.mr[0] = L4_ICU_OP_MSI_INFO;
	utcb.mr.mr[1] = 0;
	assert_int_equal(l4_msgtag_label(send(L4_PROTO_IRQ, 3, 0)), -L4_ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ring_keeps_the_last_bytes),
		cmocka_unit_test(a_cleared_ring_is_empty_and_positions_go_on),
		cmocka_unit_test(lines_are_found_across_the_seam),
		cmocka_unit_test(a_log_is_created_with_tag_colour_and_options),
		cmocka_unit_test(a_log_without_tag_is_refused_and_a_long_one_cut),
		cmocka_unit_test(colours_have_names),
		cmocka_unit_test_setup(writes_are_taken_and_not_answered, setup),
		cmocka_unit_test_setup(reads_give_input_and_say_whether_there_is_more, setup),
		cmocka_unit_test_setup(attributes_are_kept, setup),
		cmocka_unit_test_setup(a_pin_triggers_all_that_are_bound, setup),
		cmocka_unit_test_setup(a_new_interrupt_takes_the_place_of_the_only_one, setup),
		cmocka_unit_test_setup(an_interrupt_that_is_gone_is_forgotten, setup),
		cmocka_unit_test_setup(a_wrong_pin_or_no_capability_is_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
