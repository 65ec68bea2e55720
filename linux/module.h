/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of module l4. */
#ifndef L4_LINUX_MODULE_H
#define L4_LINUX_MODULE_H

/* Free all UTCBs; nobody uses one any more. */
void utcbs_free(void);

#endif
