/* SPDX-License-Identifier: GPL-2.0 */
/* What l4/re headers expect of <string.h>. */
#include <linux/string.h>
