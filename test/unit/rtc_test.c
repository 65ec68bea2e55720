/* SPDX-License-Identifier: MIT */
/* Promises of the time server: dates become seconds, the clock's registers become dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "cmos.h"

enum { HOURS_24 = 2, BINARY = 4 };

static void each_day_has_the_seconds_of_the_host(void **state)
{
	uint64_t days = 0;

	(void)state;
	for (unsigned year = 1970; year <= 2261; year++)
		for (unsigned month = 1; month <= 12; month++)
			for (unsigned day = 1; day <= 31; day++) {
				struct date d = { year, month, day, 13, 14, 15 };
				struct tm tm = { .tm_year = (int)year - 1900,
						 .tm_mon = (int)month - 1,
						 .tm_mday = (int)day,
						 .tm_hour = 13,
						 .tm_min = 14,
						 .tm_sec = 15 };

				if (!date_is_valid(&d))
					continue;
				days++;
				assert_int_equal(date_seconds(&d), timegm(&tm));
			}
	assert_int_equal(days, 292 * 365 + 71);
}

static void what_is_no_date_is_refused(void **state)
{
	static const struct date wrong[] = {
		{ 1969, 12, 31, 0, 0, 0 }, { 2262, 1, 1, 0, 0, 0 },  { 2024, 0, 1, 0, 0, 0 },
		{ 2024, 13, 1, 0, 0, 0 },  { 2024, 4, 31, 0, 0, 0 }, { 2023, 2, 29, 0, 0, 0 },
		{ 2100, 2, 29, 0, 0, 0 },  { 2024, 1, 0, 0, 0, 0 },  { 2024, 1, 1, 24, 0, 0 },
		{ 2024, 1, 1, 0, 60, 0 },  { 2024, 1, 1, 0, 0, 60 },
	};
	struct date right = { 2000, 2, 29, 23, 59, 59 };

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(date_is_valid(&wrong[i]));
	assert_true(date_is_valid(&right));
}

static void decodes_to(struct cmos_time raw, struct date want)
{
	struct date got;

	assert_true(cmos_decode(&raw, &got));
	assert_memory_equal(&got, &want, sizeof(want));
}

/* Fields: second, minute, hour, day, month, year, century, status B. */
static void both_number_formats_are_read(void **state)
{
	(void)state;
	decodes_to((struct cmos_time){ 0x59, 0x07, 0x23, 0x31, 0x12, 0x24, 0x20, HOURS_24 },
		   (struct date){ 2024, 12, 31, 23, 7, 59 });
	decodes_to((struct cmos_time){ 59, 7, 23, 31, 12, 24, 20, HOURS_24 | BINARY },
		   (struct date){ 2024, 12, 31, 23, 7, 59 });
}

static void both_hour_formats_are_read(void **state)
{
	static const struct {
		uint8_t bcd, binary;
		unsigned hour;
	} cases[] = { { 0x12, 12, 0 },	  { 0x01, 1, 1 },     { 0x11, 11, 11 },
		      { 0x92, 0x8c, 12 }, { 0x81, 0x81, 13 }, { 0x91, 0x8b, 23 } };

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		decodes_to((struct cmos_time){ 0, 0, cases[i].bcd, 1, 1, 0x24, 0x20, 0 },
			   (struct date){ 2024, 1, 1, cases[i].hour, 0, 0 });
		decodes_to((struct cmos_time){ 0, 0, cases[i].binary, 1, 1, 24, 20, BINARY },
			   (struct date){ 2024, 1, 1, cases[i].hour, 0, 0 });
	}
}

static void a_century_that_is_none_is_guessed(void **state)
{
	(void)state;
	decodes_to((struct cmos_time){ 0, 0, 0, 1, 1, 0x99, 0, HOURS_24 },
		   (struct date){ 1999, 1, 1, 0, 0, 0 });
	decodes_to((struct cmos_time){ 0, 0, 0, 1, 1, 0x26, 0xff, HOURS_24 },
		   (struct date){ 2026, 1, 1, 0, 0, 0 });
	decodes_to((struct cmos_time){ 0, 0, 0, 1, 1, 0x05, 0x21, HOURS_24 },
		   (struct date){ 2105, 1, 1, 0, 0, 0 });
}

static void registers_without_a_date_are_refused(void **state)
{
	static const struct cmos_time wrong[] = {
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, /* no chip */
		{ 0x5a, 0, 0, 1, 1, 0x24, 0x20, HOURS_24 },	    /* no BCD */
		{ 0, 0, 0x13, 1, 1, 0x24, 0x20, 0 },		    /* no hour of 12 */
		{ 0, 0, 0x00, 1, 1, 0x24, 0x20, 0 },
		{ 0, 0, 0, 1, 1, 0x9a, 0x20, HOURS_24 },
	};
	struct date d;

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(cmos_decode(&wrong[i], &d));
}

/* A clock of which each read of a register takes some time; it is 23:59:58 at first. */
static unsigned reads, second_every;

static uint8_t ticking_read(enum cmos_register reg)
{
	unsigned second = 58 + reads++ / second_every, left = second_every - reads % second_every;

	if (reg == CMOS_STATUS_A)
		return left < 5 ? 0x80 : 0;
	switch (reg) {
	case CMOS_SECOND:
		return (uint8_t)(second % 60);
	case CMOS_MINUTE:
		return second < 60 ? 59 : 0;
	case CMOS_HOUR:
		return second < 60 ? 23 : 0;
	case CMOS_DAY:
		return second < 60 ? 31 : 1;
	case CMOS_MONTH:
		return 1 + (second >= 60);
	case CMOS_YEAR:
		return 24;
	case CMOS_CENTURY:
		return 20;
	default:
		return HOURS_24 | BINARY;
	}
}

static void a_clock_that_ticks_is_read_at_one_moment(void **state)
{
	(void)state;
	second_every = 64;
	for (unsigned start = 0; start < 3 * second_every; start++) {
		struct cmos_time t;
		struct date d;

		reads = start;
		assert_true(cmos_read(ticking_read, &t));
		assert_true(cmos_decode(&t, &d));
		assert_int_equal(d.hour == 23, d.minute == 59);
		assert_int_equal(d.hour == 23, d.month == 1);
		assert_int_equal(d.hour == 23, d.second >= 58);
	}
}

static uint8_t busy_read(enum cmos_register reg)
{
	return reg == CMOS_STATUS_A ? 0x80 : 0;
}

static uint8_t jumping_read(enum cmos_register reg)
{
	return reg == CMOS_STATUS_A ? 0 : (uint8_t)reads++;
}

static void a_clock_that_never_rests_does_not_stop_the_server(void **state)
{
	struct cmos_time t;

	(void)state;
	assert_false(cmos_read(busy_read, &t));
	assert_false(cmos_read(jumping_read, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_day_has_the_seconds_of_the_host),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(both_number_formats_are_read),
		cmocka_unit_test(both_hour_formats_are_read),
		cmocka_unit_test(a_century_that_is_none_is_guessed),
		cmocka_unit_test(registers_without_a_date_are_refused),
		cmocka_unit_test(a_clock_that_ticks_is_read_at_one_moment),
		cmocka_unit_test(a_clock_that_never_rests_does_not_stop_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
