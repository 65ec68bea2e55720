/* SPDX-License-Identifier: MIT */
/* The command-line words that the boot stage understands itself. */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

#define SERIAL_COM1 0x3f8

/*
 * The serial port chosen by `-serial=PORT` and `-noserial`; the last word wins.
 * @cmdline: words separated by spaces; may be NULL.
 * Returns the I/O address, 0 for no port, SERIAL_COM1 without an option, -L4_EINVAL if PORT is
 * neither com1 .. com4 nor a hexadecimal number below 0xfff8.
 */
int option_serial_port(const char *cmdline);

#endif
