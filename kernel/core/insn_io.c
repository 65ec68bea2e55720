/* SPDX-License-Identifier: MIT */
/* Recognise I/O instructions. */
#include "core/insn_io.h"
#include "core/memory.h"
#include "mm/mapdb.h"
#include "obj/thread.h"

static bool is_prefix(u8 b)
{
	return b == 0x66 || b == 0x67 || b == 0xf2 || b == 0xf3 || b == 0x2e || b == 0x36 ||
	       b == 0x3e || b == 0x26 || b == 0x64 || b == 0x65 || (b & 0xf0) == 0x40;
}

bool insn_io_parse(const u8 *code, unsigned len, u16 dx, unsigned *port, unsigned *bytes)
{
	bool small = false;
	unsigned i = 0;
	u8 op;

	for (; i < len && is_prefix(code[i]); i++)
		small |= code[i] == 0x66;
	if (i == len)
		return false;
	op = code[i];
	*bytes = !(op & 1) ? 1 : small ? 2 : 4;
	if (op >= 0xe4 && op <= 0xe7) {
		if (i + 1 == len)
			return false;
		*port = code[i + 1];
		return true;
	}
	*port = dx;
	return (op >= 0xec && op <= 0xef) || (op >= 0x6c && op <= 0x6f);
}

bool insn_io_decode(struct thread *t, unsigned *port, unsigned *bytes)
{
	u8 code[15];
	unsigned n = 0, order;
	u8 rights;
	phys_t pa;

	for (; n < sizeof(code); n++) {
		u64 at = t->regs.rip + n;

		if ((!n || !(at & PAGE_MASK)) &&
		    !space_lookup(t->space, uaddr(at), &pa, &order, &rights))
			break;
		if (!phys_is_ram(pa))
			return false;
		code[n] = *(u8 *)phys_to_virt(pa);
		pa.v++;
	}
	return insn_io_parse(code, n, (u16)t->regs.rdx, port, bytes);
}
