/* SPDX-License-Identifier: MIT */
/* Error output of the boot stage: one line on the serial port and on the screen, then halt. */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include <stdint.h>

/*
 * Choose and set up the serial port (115200 8N1) from the options `-serial=PORT` (hexadecimal
 * I/O address or com1 .. com4) and `-noserial`; COM1 without an option. Takes EGA text as the
 * screen if the machine has it. Halts with an error line if PORT is not understood.
 * @cmdline: may be NULL.
 */
void console_init(const char *cmdline);

/*
 * Set another function that draws a character on the screen; '\n' ends a line. NULL: no screen.
 */
void console_set_screen(void (*put)(char c));

/* Whether the machine has a colour text screen at 0xb8000. Probes the CRT controller. */
int console_has_text(void);

/*
 * Print "zwinger boot: error: ", the message and a newline, and halt for ever.
 * @format: understands %s, %u (unsigned), %lu and %lx (unsigned long).
 */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
