/* SPDX-License-Identifier: MIT */
/*
 * A guest whose vCPUs go down and come up again: by themselves, by each other, again and again. One
 * that is down does nothing, and goes on where it was.
 */
#include "lib/kernel.h"

#include "guest/layout.h"
#include "xen/vcpu.h"

enum { OTHER = 1, ROUNDS = 200 };
enum { LOOKS = 200000, TRIES = 100 }; /* for what must come to pass */
enum order { ORDER_WORK, ORDER_DOWN, ORDER_REVIVE };

static volatile uint64_t beats;
static volatile enum order order;
static volatile bool broken;

static long vcpu_op(enum xen_vcpu_op op, unsigned id)
{
	return hypercall(XEN_CALL_VCPU_OP, op, id, 0, 0, 0);
}

/* With a vCPU that has no processor of its own, others must have a turn. */
static void look(void)
{
	hypercall(XEN_CALL_SCHED_OP, XEN_SCHED_YIELD, 0, 0, 0, 0);
}

/* Bring the first vCPU back, which is about to go down. */
static void revive(void)
{
	while (vcpu_op(XEN_VCPU_IS_UP, 0))
		look();
	broken |= vcpu_op(XEN_VCPU_UP, 0) != 0;
	order = ORDER_WORK;
}

/* What it has counted itself, in registers and on its stack, is what everybody sees. */
static void other_main(void)
{
	for (uint64_t own = 0;; own++) {
		broken |= own != beats;
		beats = own + 1;
		if (order == ORDER_DOWN) {
			order = ORDER_WORK;
			vcpu_op(XEN_VCPU_DOWN, OTHER);
		} else if (order == ORDER_REVIVE) {
			revive();
		}
	}
}

static bool beats_on(void)
{
	uint64_t before = beats;

	for (unsigned i = 0; i < LOOKS && beats == before; i++)
		look();
	return beats != before;
}

/* It may be in the middle of something when it is taken down. */
static bool stands_still(void)
{
	uint64_t before;
	unsigned i = 0;

	do {
		before = beats;
		for (unsigned n = 0; n < ROUNDS; n++)
			look();
	} while (beats != before && ++i < TRIES);
	return beats == before;
}

static bool waits_until_down(void)
{
	unsigned i = 0;

	while (vcpu_op(XEN_VCPU_IS_UP, OTHER) && ++i < LOOKS)
		look();
	return i < LOOKS;
}

/* Down and up at once, so that it may find itself up before it has seen that it is down. */
static bool goes_and_comes(void)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		if (vcpu_op(XEN_VCPU_DOWN, OTHER) || vcpu_op(XEN_VCPU_UP, OTHER) ||
		    (i % 10 == 0 && !beats_on()))
			return false;
	return beats_on();
}

void kernel_main(void)
{
	ok(start_vcpu(OTHER, other_main) && beats_on(), "a vCPU comes up");
	ok(!vcpu_op(XEN_VCPU_DOWN, OTHER) && !vcpu_op(XEN_VCPU_IS_UP, OTHER) && stands_still(),
	   "it is taken down by another one, and stands still");
	ok(!vcpu_op(XEN_VCPU_UP, OTHER) && beats_on(), "it comes up again");
	order = ORDER_DOWN;
	ok(waits_until_down() && stands_still(), "it goes down by itself");
	ok(!vcpu_op(XEN_VCPU_UP, OTHER) && beats_on(), "and comes up again");
	ok(goes_and_comes(), "so it does many times");
	order = ORDER_REVIVE;
	ok(!vcpu_op(XEN_VCPU_DOWN, 0) && beats_on(),
	   "the first vCPU goes down as well, and is brought back");
	ok(!broken, "a vCPU goes on where it was");
	vcpu_op(XEN_VCPU_DOWN, OTHER);
	vcpu_op(XEN_VCPU_DOWN, 0);
	ok(false, "the last vCPU that goes down ends the machine");
}
