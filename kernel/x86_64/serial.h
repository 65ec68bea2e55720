/* SPDX-License-Identifier: MIT */
/* The two kinds of console device, for console.c. No locking: the caller's. */
#ifndef KERNEL_SERIAL_H
#define KERNEL_SERIAL_H

#include "core/types.h"

struct bootinfo_fb;

/* 16550 at an I/O port, 115200 baud, 8N1. False: nothing there. */
bool serial_init(u16 port);
void serial_write(const char *s, size_t n);
int serial_getc(void); /* -1: nothing received */
void serial_rx_enable(void);

/* Text on the frame buffer or the EGA text screen that the boot stage reports. False: none, or a
 * format that cannot be drawn. */
bool fbcon_init(const struct bootinfo_fb *fb);
void fbcon_write(const char *s, size_t n);

#endif
