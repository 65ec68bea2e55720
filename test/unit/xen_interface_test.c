/* SPDX-License-Identifier: MIT */
/* Numbers and layouts of the paravirtual interface are those of its public headers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "xen/event.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/memory.h"
#include "xen/mmu.h"
#include "xen/ring.h"
#include "xen/sched.h"
#include "xen/shared_info.h"
#include "xen/start_info.h"
#include "xen/vcpu.h"
#include "unit/xen/fact.h"

#define VALUE(ours, theirs)	    { #ours, (unsigned long)(ours) },
#define SIZE(ours, theirs)	    { "bytes of " #ours, sizeof(struct ours) },
#define AT(ours, member, theirs, m) { #ours "." #member, offsetof(struct ours, member) },

static const struct fact our_facts[] = {
#include "unit/xen/facts.h"
};

static void every_fact_is_that_of_the_public_headers(void **state)
{
	unsigned wrong = 0;

	(void)state;
	if (!public_facts_count)
		skip();
	assert_int_equal(sizeof(our_facts) / sizeof(our_facts[0]), public_facts_count);
	for (unsigned i = 0; i < public_facts_count; i++) {
		assert_string_equal(our_facts[i].name, public_facts[i].name);
		if (our_facts[i].value == public_facts[i].value)
			continue;
		print_error("%s is %#lx, not %#lx\n", our_facts[i].name, public_facts[i].value,
			    our_facts[i].value);
		wrong++;
	}
	assert_int_equal(0, wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_is_that_of_the_public_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
