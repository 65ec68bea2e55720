/* SPDX-License-Identifier: MIT */
/* Composing messages of message-signalled interrupts. */
#include <l4/sys/err.h>
#include "x86_64/msi.h"

int msi_compose(u8 vector, u32 apic_id, struct msi_message *m)
{
	if (apic_id > 0xfe)
		return -L4_ERANGE;
	m->address = 0xfee00000u | apic_id << 12; /* physical destination, no redirection */
	m->data = vector;			  /* fixed, edge */
	return 0;
}
