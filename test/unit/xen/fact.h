/* SPDX-License-Identifier: MIT */
/* One number or offset of the paravirtual interface, as one side of the comparison has it. */
#ifndef TEST_UNIT_XEN_FACT_H
#define TEST_UNIT_XEN_FACT_H

struct fact {
	const char *name;
	unsigned long value;
};

/* The same facts in the same order; none if the public headers are not there. */
extern const struct fact public_facts[];
extern const unsigned public_facts_count;

#endif
