/* SPDX-License-Identifier: MIT */
/* Instructions that fault in user mode, carried out for the guest's kernel. */
#include <Zydis/Decoder.h>

#include "shim/emulate.h"
#include "shim/general.h"
#include "shim/policy.h"

enum { FORCED_BYTES = 7, CR8 = 8, XCR0 = 0 };
enum { OPCODE_CLI = 0xfa, OPCODE_STI = 0xfb };

static const uint8_t forced_cpuid[FORCED_BYTES] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };

/* What the decoder found of an instruction. */
struct instruction {
	ZydisDecodedInstruction decoded;
	unsigned reg, rm; /* general register numbers, 0..15 */
};

typedef enum emulate_result emulate_function(struct vcpu *v, l4_vcpu_regs_t *r,
					     const struct instruction *i);

static void set_pair(l4_vcpu_regs_t *r, uint64_t value)
{
	r->ax = (uint32_t)value;
	r->dx = value >> 32;
}

static uint64_t pair(const l4_vcpu_regs_t *r)
{
	return r->dx << 32 | (uint32_t)r->ax;
}

static enum emulate_result done(bool possible)
{
	return possible ? EMULATE_DONE : EMULATE_REFUSED;
}

static enum emulate_result read_control(struct vcpu *v, l4_vcpu_regs_t *r,
					const struct instruction *i)
{
	l4_umword_t *to = general_register(r, i->rm);

	switch (i->reg) {
	case 0:
		*to = v->cr0;
		return EMULATE_DONE;
	case 4:
		*to = v->cr4;
		return EMULATE_DONE;
	case CR8:
		*to = 0;
		return EMULATE_DONE;
	default:
		return EMULATE_REFUSED;
	}
}

static enum emulate_result write_control(struct vcpu *v, l4_vcpu_regs_t *r,
					 const struct instruction *i)
{
	switch (i->reg) {
	case 0:
		v->cr0 = policy_cr0(*general_register(r, i->rm));
		return EMULATE_DONE;
	case 4:
		v->cr4 = policy_cr4(*general_register(r, i->rm));
		return EMULATE_DONE;
	case CR8:
		return EMULATE_DONE;
	default:
		return EMULATE_REFUSED;
	}
}

static enum emulate_result clear_ts(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	(void)r, (void)i;
	v->cr0 &= ~POLICY_CR0_TS;
	return EMULATE_DONE;
}

static enum emulate_result read_msr(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	uint64_t value;

	(void)i;
	if (!policy_read_msr(v, (uint32_t)r->cx, &value))
		return EMULATE_REFUSED;
	set_pair(r, value);
	return EMULATE_DONE;
}

static enum emulate_result write_msr(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	(void)i;
	return done(policy_write_msr(v, (uint32_t)r->cx, pair(r)));
}

static enum emulate_result write_xcr(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	if (i->decoded.raw.modrm.mod != 3 || i->decoded.raw.modrm.reg != 2 ||
	    i->decoded.raw.modrm.rm != 1)
		return EMULATE_REFUSED; /* other instructions have the same opcode */
	return done((uint32_t)r->cx == XCR0 && policy_write_xcr0(v, pair(r)));
}

static enum emulate_result cpuid(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	struct cpuid_result result;

	(void)i;
	policy_cpuid(v, (uint32_t)r->ax, (uint32_t)r->cx, &result);
	r->ax = result.eax;
	r->bx = result.ebx;
	r->cx = result.ecx;
	r->dx = result.edx;
	return EMULATE_DONE;
}

/* Cache write-back, and interrupts off and on, which the guest keeps in its shared page. */
static enum emulate_result nothing(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	(void)v, (void)r, (void)i;
	return EMULATE_DONE;
}

static enum emulate_result halt(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	(void)v, (void)r, (void)i;
	return EMULATE_HALT;
}

/* Bytes of a port instruction; the even opcodes are those of one byte. */
static unsigned port_size(const struct instruction *i)
{
	if (!(i->decoded.opcode & 1))
		return 1;
	return i->decoded.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE ? 2 : 4;
}

static bool has_immediate(const struct instruction *i)
{
	return !(i->decoded.opcode & 8);
}

static enum emulate_result read_port(struct vcpu *v, l4_vcpu_regs_t *r, const struct instruction *i)
{
	unsigned size = port_size(i);
	uint64_t port = has_immediate(i) ? i->decoded.raw.imm[0].value.u : r->dx;
	uint64_t mask = UINT32_MAX >> (32 - 8 * size);

	(void)v;
	r->ax = (size == 4 ? 0 : r->ax & ~mask) | policy_read_port((uint16_t)port, size);
	return EMULATE_DONE;
}

struct form {
	ZydisOpcodeMap map;
	uint8_t opcode;
	emulate_function *function;
};

static const struct form forms[] = {
	{ ZYDIS_OPCODE_MAP_0F, 0x20, read_control },
	{ ZYDIS_OPCODE_MAP_0F, 0x22, write_control },
	{ ZYDIS_OPCODE_MAP_0F, 0x06, clear_ts },
	{ ZYDIS_OPCODE_MAP_0F, 0x32, read_msr },
	{ ZYDIS_OPCODE_MAP_0F, 0x30, write_msr },
	{ ZYDIS_OPCODE_MAP_0F, 0x01, write_xcr },
	{ ZYDIS_OPCODE_MAP_0F, 0xa2, cpuid },
	{ ZYDIS_OPCODE_MAP_0F, 0x09, nothing }, /* wbinvd */
	{ ZYDIS_OPCODE_MAP_DEFAULT, OPCODE_CLI, nothing },
	{ ZYDIS_OPCODE_MAP_DEFAULT, OPCODE_STI, nothing },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xf4, halt },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xe4, read_port },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xe5, read_port },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xec, read_port },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xed, read_port },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xe6, nothing }, /* out: nothing is there */
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xe7, nothing },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xee, nothing },
	{ ZYDIS_OPCODE_MAP_DEFAULT, 0xef, nothing },
};

static bool decode(const uint8_t *bytes, unsigned count, struct instruction *i)
{
	ZydisDecoder decoder;

	if (!ZYAN_SUCCESS(
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes, count, &i->decoded)))
		return false;
	i->reg = i->decoded.raw.modrm.reg | i->decoded.raw.rex.R << 3;
	i->rm = i->decoded.raw.modrm.rm | i->decoded.raw.rex.B << 3;
	return i->decoded.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY;
}

static emulate_function *find_form(const struct instruction *i)
{
	if (i->decoded.attributes & ZYDIS_ATTRIB_HAS_LOCK)
		return NULL;
	for (unsigned n = 0; n < sizeof(forms) / sizeof(forms[0]); n++)
		if (forms[n].map == i->decoded.opcode_map && forms[n].opcode == i->decoded.opcode)
			return forms[n].function;
	return NULL;
}

static enum emulate_result emulate_decoded(struct vcpu *v, l4_vcpu_regs_t *r, const uint8_t *bytes,
					   unsigned count)
{
	enum emulate_result result = EMULATE_REFUSED;
	emulate_function *function;
	struct instruction i;

	if (!decode(bytes, count, &i))
		return EMULATE_REFUSED;
	function = find_form(&i);
	if (function)
		result = function(v, r, &i);
	if (result != EMULATE_REFUSED)
		r->ip += i.decoded.length;
	return result;
}

static bool is_forced_cpuid(const uint8_t *bytes, unsigned count)
{
	unsigned same = 0;

	while (same < FORCED_BYTES && same < count && bytes[same] == forced_cpuid[same])
		same++;
	return same == FORCED_BYTES;
}

enum emulate_result emulate(struct vcpu *v, l4_vcpu_regs_t *r, const uint8_t *bytes, unsigned count)
{
	enum emulate_result result;

	v->fs_base = r->fs_base;
	v->gs_kernel = r->gs_base;
	if (is_forced_cpuid(bytes, count)) {
		result = cpuid(v, r, NULL);
		r->ip += FORCED_BYTES;
	} else if (count && (bytes[0] == OPCODE_CLI || bytes[0] == OPCODE_STI)) {
		result = EMULATE_DONE; /* thousands, before Linux has patched itself */
		r->ip++;
	} else {
		result = emulate_decoded(v, r, bytes, count);
	}
	r->fs_base = v->fs_base;
	r->gs_base = v->gs_kernel;
	v->counters.emulated += result != EMULATE_REFUSED;
	return result;
}
