/* SPDX-License-Identifier: MIT */
/* The PC's clock: reading one moment, and what its registers mean. */
#include "cmos.h"

#include <string.h>

enum {
	UPDATE_IN_PROGRESS = 0x80,
	HOURS_24 = 0x02,
	BINARY = 0x04,
	AFTERNOON = 0x80,
	/* A read of a port takes about a microsecond, an update 2 ms at most. */
	REST_TRIES = 100000,
	SAME_TRIES = 100
};

static bool wait_for_rest(uint8_t (*read)(enum cmos_register reg))
{
	for (unsigned i = 0; i < REST_TRIES; i++)
		if (!(read(CMOS_STATUS_A) & UPDATE_IN_PROGRESS))
			return true;
	return false;
}

static bool read_once(uint8_t (*read)(enum cmos_register reg), struct cmos_time *t)
{
	if (!wait_for_rest(read))
		return false;
	*t = (struct cmos_time){ .second = read(CMOS_SECOND),
				 .minute = read(CMOS_MINUTE),
				 .hour = read(CMOS_HOUR),
				 .day = read(CMOS_DAY),
				 .month = read(CMOS_MONTH),
				 .year = read(CMOS_YEAR),
				 .century = read(CMOS_CENTURY),
				 .status_b = read(CMOS_STATUS_B) };
	return true;
}

bool cmos_read(uint8_t (*read)(enum cmos_register reg), struct cmos_time *time)
{
	struct cmos_time again;

	if (!read_once(read, time))
		return false;
	for (unsigned i = 0; i < SAME_TRIES; i++) {
		if (!read_once(read, &again))
			return false;
		if (!memcmp(time, &again, sizeof(again)))
			return true;
		*time = again;
	}
	return false;
}

/* A number of the format in use; one that is no BCD becomes 255, which no field can be. */
static unsigned number(const struct cmos_time *t, uint8_t value)
{
	if (t->status_b & BINARY)
		return value;
	if ((value & 0xf) > 9 || value >> 4 > 9)
		return 255;
	return (value >> 4) * 10U + (value & 0xf);
}

static unsigned hour(const struct cmos_time *t)
{
	unsigned h;

	if (t->status_b & HOURS_24)
		return number(t, t->hour);
	h = number(t, t->hour & (uint8_t)~AFTERNOON);
	if (h < 1 || h > 12)
		return 255;
	return h % 12 + (t->hour & AFTERNOON ? 12 : 0);
}

static unsigned year(const struct cmos_time *t)
{
	unsigned century = number(t, t->century), y = number(t, t->year);

	if (y > 99)
		return 0;
	if (century >= 19 && century <= 22)
		return century * 100 + y;
	return y < 70 ? 2000 + y : 1900 + y;
}

bool cmos_decode(const struct cmos_time *t, struct date *date)
{
	*date = (struct date){ .year = year(t),
			       .month = number(t, t->month),
			       .day = number(t, t->day),
			       .hour = hour(t),
			       .minute = number(t, t->minute),
			       .second = number(t, t->second) };
	return date_is_valid(date);
}
