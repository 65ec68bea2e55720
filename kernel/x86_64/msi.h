/* SPDX-License-Identifier: MIT */
/* Message-signalled interrupts: what a PCI function has to write. Intel SDM vol. 3, 10.11. */
#ifndef KERNEL_MSI_H
#define KERNEL_MSI_H

#include "core/types.h"

struct msi_message {
	u64 address; /* physical */
	u32 data;
};

/* Message that raises vector (edge triggered, fixed) on the CPU with apic_id. -L4_ERANGE: the
 * message format has no room for this id (above 254). */
int msi_compose(u8 vector, u32 apic_id, struct msi_message *m);

#endif
