/* SPDX-License-Identifier: MIT */
/* Dates of the Gregorian calendar and seconds since 1970. */
#include "calendar.h"

enum { FIRST_YEAR = 1970, LAST_YEAR = 2261 };

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Leap days from the year 1 to the end of a year. */
static unsigned leap_days(unsigned year)
{
	return year / 4 - year / 100 + year / 400;
}

bool date_is_valid(const struct date *d)
{
	if (d->year < FIRST_YEAR || d->year > LAST_YEAR || d->month < 1 || d->month > 12)
		return false;
	if (d->day < 1 || d->day > days_of_month(d->year, d->month))
		return false;
	return d->hour < 24 && d->minute < 60 && d->second < 60;
}

uint64_t date_seconds(const struct date *d)
{
	uint64_t days = (d->year - FIRST_YEAR) * 365UL + leap_days(d->year - 1) -
			leap_days(FIRST_YEAR - 1) + d->day - 1;

	for (unsigned month = 1; month < d->month; month++)
		days += days_of_month(d->year, month);
	return ((days * 24 + d->hour) * 60 + d->minute) * 60 + d->second;
}
