/* SPDX-License-Identifier: MIT */
/*
 * The PC's clock, an MC146818 with battery: registers behind an index and a data port, read through
 * a function. Once a second the chip updates them, which takes up to 2 ms; a bit announces that
 * 244 us before, so what is read while the bit is clear, twice the same, is one moment.
 */
#ifndef RTC_CMOS_H
#define RTC_CMOS_H

#include "calendar.h"

/* Register numbers. CENTURY is where firmware keeps it on most PCs. */
enum cmos_register {
	CMOS_SECOND = 0x00,
	CMOS_MINUTE = 0x02,
	CMOS_HOUR = 0x04,
	CMOS_DAY = 0x07,
	CMOS_MONTH = 0x08,
	CMOS_YEAR = 0x09,
	CMOS_STATUS_A = 0x0a, /* bit 7: update in progress */
	CMOS_STATUS_B = 0x0b, /* bit 1: 24 hours, bit 2: binary numbers */
	CMOS_CENTURY = 0x32
};

/* The registers of a moment as they are. */
struct cmos_time {
	uint8_t second, minute, hour, day, month, year, century, status_b;
};

/* Read one moment; false if the clock never comes to rest or is not there. */
bool cmos_read(uint8_t (*read)(enum cmos_register reg), struct cmos_time *time);

/*
 * Decode numbers (BCD or binary), hours (12 with a bit for the afternoon, or 24) and century: if
 * its register holds none that fits, years from 70 are of the 20th. False if it is no date.
 */
bool cmos_decode(const struct cmos_time *time, struct date *date);

#endif
