/* SPDX-License-Identifier: MIT */
/* The PC's real-time clock (MC146818) as a source of edge interrupts. */
#ifndef TEST_RTC_H
#define TEST_RTC_H

#include "env.h"

enum { RTC_PIN = 8 };

/* Get its ports; no interrupts. */
void rtc_open(void);
/* 1024 interrupts a second, or none. Each must be acknowledged before the next one comes. */
void rtc_periodic(bool on);
void rtc_acknowledge(void);

#endif
