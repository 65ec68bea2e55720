/* SPDX-License-Identifier: MIT */
/* The PC's real-time clock as a source of edge interrupts. */
#include "rtc.h"

enum { INDEX = 0x70, DATA = 0x71, A = 0xa, B = 0xb, C = 0xc, RATE_1024 = 0x26, PERIODIC = 0x40 };

static uint8_t rtc_read(uint8_t reg)
{
	out8(INDEX, reg);
	return in8(DATA);
}

static void rtc_write(uint8_t reg, uint8_t value)
{
	out8(INDEX, reg);
	out8(DATA, value);
}

void rtc_acknowledge(void)
{
	rtc_read(C);
}

void rtc_periodic(bool on)
{
	uint8_t b = rtc_read(B) & 0x8f;

	rtc_write(A, RATE_1024);
	rtc_write(B, on ? b | PERIODIC : b);
	rtc_acknowledge();
}

void rtc_open(void)
{
	ports_get(INDEX, 1);
	rtc_periodic(false);
}
