/* SPDX-License-Identifier: MIT */
/*
 * Extended state of a vCPU in GDB's registers. The processor keeps one bit of the x87 tag word for
 * each physical register; the debugger wants two, which follow from what the register has.
 */
#include "vmm/gdb_extended.h"

#include <string.h>

enum { STACK = 8, TOP_SHIFT = 11, TOP_MASK = 7, OPCODE_MASK = 0x7ff };
enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY, TAG_BITS = 2, TAG_MASK = 3 };
enum { X87_BYTES = 10, EXPONENT_MASK = 0x7fff };

#define INTEGER_BIT	   (1ULL << 63)
#define MXCSR_MASK_DEFAULT 0xffbfU

bool extended_has(unsigned number)
{
	return (number >= GDB_ST0 && number < GDB_FS_BASE) || number >= GDB_XMM0;
}

/* --- Reading --- */

static void put(struct gdb_registers *r, unsigned number, const void *from, size_t bytes)
{
	r->values[number] = 0;
	memcpy(&r->values[number], from, bytes);
	r->known[number] = true;
}

static void put_number(struct gdb_registers *r, unsigned number, uint32_t value)
{
	put(r, number, &value, sizeof(value));
}

static unsigned tag_of(const uint8_t *value)
{
	uint64_t fraction;
	uint16_t exponent;

	memcpy(&fraction, value, sizeof(fraction));
	memcpy(&exponent, value + sizeof(fraction), sizeof(exponent));
	exponent &= EXPONENT_MASK;
	if (!exponent && !fraction)
		return TAG_ZERO;
	if (!exponent || exponent == EXPONENT_MASK || !(fraction & INTEGER_BIT))
		return TAG_SPECIAL;
	return TAG_VALID;
}

static uint32_t tag_word(const struct extended *e)
{
	unsigned top = e->status >> TOP_SHIFT & TOP_MASK;
	uint32_t tags = 0;

	for (unsigned i = 0; i < STACK; i++) {
		bool used = e->tags >> i & 1;
		unsigned tag = used ? tag_of(e->st[(i - top) & TOP_MASK]) : TAG_EMPTY;

		tags |= tag << TAG_BITS * i;
	}
	return tags;
}

static void get_x87(const struct extended *e, struct gdb_registers *r)
{
	for (unsigned i = 0; i < STACK; i++)
		put(r, GDB_ST0 + i, e->st[i], X87_BYTES);
	put_number(r, GDB_FCTRL, e->control);
	put_number(r, GDB_FSTAT, e->status);
	put_number(r, GDB_FTAG, tag_word(e));
	put_number(r, GDB_FISEG, e->instruction_segment);
	put_number(r, GDB_FIOFF, e->instruction);
	put_number(r, GDB_FOSEG, e->operand_segment);
	put_number(r, GDB_FOOFF, e->operand);
	put_number(r, GDB_FOP, e->opcode & OPCODE_MASK);
}

void extended_get(const struct extended *e, struct gdb_registers *r)
{
	if (e->parts & EXTENDED_X87)
		get_x87(e, r);
	for (unsigned i = 0; i < EXTENDED_REGISTERS; i++) {
		if (e->parts & EXTENDED_SSE)
			put(r, GDB_XMM0 + i, e->xmm[i], sizeof(e->xmm[i]));
		if (e->parts & EXTENDED_AVX)
			put(r, GDB_YMM0H + i, e->ymm_high[i], sizeof(e->ymm_high[i]));
	}
	if (e->parts & EXTENDED_SSE)
		put_number(r, GDB_MXCSR, e->mxcsr);
}

/* --- Writing --- */

static void take(const struct gdb_registers *r, unsigned number, void *to, size_t bytes)
{
	if (r->known[number])
		memcpy(to, &r->values[number], bytes);
}

static void set_tags(struct extended *e, uint32_t tags)
{
	e->tags = 0;
	for (unsigned i = 0; i < STACK; i++)
		if ((tags >> TAG_BITS * i & TAG_MASK) != TAG_EMPTY)
			e->tags |= (uint8_t)(1 << i);
}

static void set_x87(struct extended *e, const struct gdb_registers *r)
{
	for (unsigned i = 0; i < STACK; i++)
		take(r, GDB_ST0 + i, e->st[i], X87_BYTES);
	take(r, GDB_FCTRL, &e->control, sizeof(e->control));
	take(r, GDB_FSTAT, &e->status, sizeof(e->status));
	if (r->known[GDB_FTAG])
		set_tags(e, (uint32_t)r->values[GDB_FTAG]);
	take(r, GDB_FISEG, &e->instruction_segment, sizeof(e->instruction_segment));
	take(r, GDB_FIOFF, &e->instruction, sizeof(e->instruction));
	take(r, GDB_FOSEG, &e->operand_segment, sizeof(e->operand_segment));
	take(r, GDB_FOOFF, &e->operand, sizeof(e->operand));
	take(r, GDB_FOP, &e->opcode, sizeof(e->opcode));
	e->opcode &= OPCODE_MASK;
}

void extended_set(struct extended *e, const struct gdb_registers *r)
{
	set_x87(e, r);
	for (unsigned i = 0; i < EXTENDED_REGISTERS; i++) {
		take(r, GDB_XMM0 + i, e->xmm[i], sizeof(e->xmm[i]));
		take(r, GDB_YMM0H + i, e->ymm_high[i], sizeof(e->ymm_high[i]));
	}
	take(r, GDB_MXCSR, &e->mxcsr, sizeof(e->mxcsr));
	e->mxcsr &= e->mxcsr_mask ? e->mxcsr_mask : MXCSR_MASK_DEFAULT;
}
