/* SPDX-License-Identifier: MIT */
/* Answers to instructions of user mode that ask for the processor's tables (Intel SDM volume 2). */
#include <Zydis/Decoder.h>

#include "shim/general.h"
#include "shim/spoof.h"

enum { SLDT, STR, SGDT = 0, SIDT, SMSW = 4 }; /* modrm.reg, of 0f 00 and of 0f 01 */
enum { CR0 = 0x80050033, TASK_SELECTOR = 0x40, LDT_SELECTOR = 0x50 };
enum { MOD_REGISTER = 3, RM_SIB = 4, RM_DISPLACEMENT = 5, NO_INDEX = 4 };
enum { LIMIT_BYTES = 2, WORD_BYTES = 2 };
enum segment_prefixes {
	PREFIX_ES = 0x26,
	PREFIX_CS = 0x2e,
	PREFIX_SS = 0x36,
	PREFIX_DS = 0x3e,
	PREFIX_FS = 0x64,
	PREFIX_GS
};

#define GDT_BASE 0xfffffffffffe0000UL
#define IDT_BASE 0xffffffffffff0000UL
#define USER_END 0x7ffffffff000UL

static bool decode(bool wide, const uint8_t *bytes, unsigned count, ZydisDecodedInstruction *d)
{
	ZydisDecoder decoder;

	if (!ZYAN_SUCCESS(ZydisDecoderInit(
		&decoder, wide ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LONG_COMPAT_32,
		wide ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32)))
		return false;
	return ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes, count, d)) &&
	       d->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
	       d->opcode_map == ZYDIS_OPCODE_MAP_0F && !(d->attributes & ZYDIS_ATTRIB_HAS_LOCK);
}

/* --- Answers --- */

/* A value, for a register or as two bytes. */
static bool find_value(const struct spoof_caller *p, const ZydisDecodedInstruction *d,
		       uint64_t *value)
{
	if (d->opcode == 0x01 && d->raw.modrm.reg == SMSW)
		*value = CR0;
	else if (d->opcode == 0x00 && d->raw.modrm.reg == STR)
		*value = TASK_SELECTOR;
	else if (d->opcode == 0x00 && d->raw.modrm.reg == SLDT)
		*value = p->ldt ? LDT_SELECTOR : 0;
	else
		return false;
	return true;
}

/* The base and limit of a table, for an operand in memory. */
static bool find_table(const struct spoof_caller *p, const ZydisDecodedInstruction *d,
		       uint64_t *base, uint16_t *limit)
{
	bool gdt = d->raw.modrm.reg == SGDT, own = gdt && p->kernel;

	if (d->opcode != 0x01 || d->raw.modrm.mod == MOD_REGISTER || d->raw.modrm.reg > SIDT)
		return false;
	*base = own ? p->gdt_base : gdt ? GDT_BASE : IDT_BASE;
	*limit = own ? p->gdt_limit : 0;
	return true;
}

static void set_register(l4_vcpu_regs_t *r, const ZydisDecodedInstruction *d, uint64_t value)
{
	l4_umword_t *to = general_register(r, d->raw.modrm.rm | d->raw.rex.B << 3);

	if (d->raw.rex.W || !(d->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE))
		*to = value;
	else
		*to = (*to & ~(uint64_t)UINT16_MAX) | (uint16_t)value;
}

static void put(struct spoof_store *s, uint64_t value, unsigned bytes)
{
	for (; bytes; bytes--, value >>= 8)
		s->data[s->bytes++] = (uint8_t)value;
}

/* --- The operand in memory --- */

static bool is_short(const struct spoof_caller *p, const ZydisDecodedInstruction *d)
{
	return !p->wide || d->attributes & ZYDIS_ATTRIB_HAS_ADDRESSSIZE;
}

/* 64-bit code without a base and an index means what is behind the instruction. */
static uint64_t base_and_index(const struct spoof_caller *p, l4_vcpu_regs_t *r,
			       const ZydisDecodedInstruction *d, uint64_t behind)
{
	unsigned base = d->raw.modrm.rm, index = NO_INDEX;
	bool sib = base == RM_SIB;
	uint64_t sum = 0;

	if (sib) {
		base = d->raw.sib.base;
		index = d->raw.sib.index | d->raw.rex.X << 3;
	}
	if (index != NO_INDEX)
		sum = *general_register(r, index) << d->raw.sib.scale;
	if (base == RM_DISPLACEMENT && d->raw.modrm.mod == 0)
		return p->wide && !sib ? behind : sum;
	return sum + *general_register(r, base | d->raw.rex.B << 3);
}

/* The last segment prefix that counts, or 0. */
static uint8_t segment_prefix(const struct spoof_caller *p, const ZydisDecodedInstruction *d)
{
	uint8_t found = 0;

	for (unsigned i = 0; i < d->raw.prefix_count; i++) {
		uint8_t prefix = d->raw.prefixes[i].value;
		bool narrow = prefix == PREFIX_ES || prefix == PREFIX_CS || prefix == PREFIX_SS ||
			      prefix == PREFIX_DS;

		if (prefix == PREFIX_FS || prefix == PREFIX_GS || (narrow && !p->wide))
			found = prefix;
	}
	return found;
}

/* Without a base of one's own all segments must be flat, and that of code cannot be written to. */
static bool segment_base(const struct spoof_caller *p, const ZydisDecodedInstruction *d,
			 uint64_t *base)
{
	uint8_t prefix = segment_prefix(p, d);

	*base = 0;
	if (prefix == PREFIX_FS)
		*base = p->fs_base;
	else if (prefix == PREFIX_GS)
		*base = p->gs_base;
	else
		return prefix != PREFIX_CS && (p->wide || p->flat);
	return true;
}

/* False: addresses of 16 bits, or of user mode and not for user mode. */
static bool find_address(const struct spoof_caller *p, l4_vcpu_regs_t *r,
			 const ZydisDecodedInstruction *d, struct spoof_store *s)
{
	uint64_t segment, sum;

	if (!segment_base(p, d, &segment) ||
	    (!p->wide && d->attributes & ZYDIS_ATTRIB_HAS_ADDRESSSIZE))
		return false;
	sum = base_and_index(p, r, d, s->behind) + (uint64_t)d->raw.disp.value;
	if (is_short(p, d))
		sum = (uint32_t)sum;
	sum += segment;
	s->address = p->wide ? sum : (uint32_t)sum;
	return p->kernel || s->address < USER_END;
}

bool spoof(const struct spoof_caller *p, l4_vcpu_regs_t *r, const uint8_t *bytes, unsigned count,
	   struct spoof_store *s)
{
	ZydisDecodedInstruction d;
	bool table = false;
	uint64_t value;
	uint16_t limit = 0;

	if (!decode(p->wide, bytes, count, &d))
		return false;
	if (!find_value(p, &d, &value) && !(table = find_table(p, &d, &value, &limit)))
		return false;
	s->bytes = 0;
	s->behind = r->ip + d.length;
	if (d.raw.modrm.mod == MOD_REGISTER) {
		set_register(r, &d, value);
		return true;
	}
	if (!find_address(p, r, &d, s))
		return false;
	if (table)
		put(s, limit, LIMIT_BYTES);
	put(s, value, table ? (p->wide ? 8 : 4) : WORD_BYTES);
	return true;
}
