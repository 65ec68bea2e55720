/* SPDX-License-Identifier: MIT */
/* Error output on a colour frame buffer. */
#ifndef BOOT_SCREEN_H
#define BOOT_SCREEN_H

#include "kernel/bootinfo.h"

/* Use a colour frame buffer, any pixel format, as the screen of fatal(). Other kinds change
 * nothing. */
void screen_init(const struct bootinfo_fb *fb);

#endif
