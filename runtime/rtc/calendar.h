/* SPDX-License-Identifier: MIT */
/* Dates of the Gregorian calendar and seconds since 1970, both UTC. Pure. */
#ifndef RTC_CALENDAR_H
#define RTC_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct date {
	unsigned year;	/* 1970 or later */
	unsigned month; /* 1..12 */
	unsigned day;	/* 1..31 */
	unsigned hour, minute, second;
};

/* True if there is such a date, from 1970 to 2261 (so that nanoseconds fit 63 bits). */
bool date_is_valid(const struct date *date);

/* Seconds since 1970 of a valid date. */
uint64_t date_seconds(const struct date *date);

#endif
