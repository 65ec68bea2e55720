/* SPDX-License-Identifier: MIT */
/* Composing messages of message-signalled interrupts. */
#include <l4/sys/err.h>
#include "x86_64/msi.h"
#include "x86_64/platform.h"

#define MSI_ASSERT 0x4000 /* as level-triggered messages need it; of no effect for others */

int msi_compose(u8 vector, u32 apic_id, struct msi_message *m)
{
	if (apic_id > APIC_ID_LAST)
		return -L4_ERANGE;
	m->address = 0xfee00000u | apic_id << 12; /* physical destination, no redirection */
	m->data = vector | MSI_ASSERT;		  /* fixed, edge */
	return 0;
}
