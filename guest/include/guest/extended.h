/* SPDX-License-Identifier: MIT */
/*
 * Registers of the FPU and of vectors of a vCPU that stands still, as the processor saves them: the
 * area of FXSAVE, then the header of XSAVE and the upper halves of the YMM registers.
 */
#ifndef GUEST_EXTENDED_H
#define GUEST_EXTENDED_H

#include <stdint.h>

enum { EXTENDED_X87 = 1, EXTENDED_SSE = 2, EXTENDED_AVX = 4, EXTENDED_REGISTERS = 16 };

struct extended {
	uint16_t control, status;
	uint8_t tags, reserved; /* bit of tags: a physical register is in use */
	uint16_t opcode;
	uint32_t instruction, instruction_segment, operand, operand_segment;
	uint32_t mxcsr,
	    mxcsr_mask;	   /* bits of mxcsr that there are; 0: all but 6 and those above 15 */
	uint8_t st[8][16]; /* by place on the stack; 10 bytes each */
	uint8_t xmm[EXTENDED_REGISTERS][16];
	uint8_t unused[96];
	uint64_t present; /* of the header: EXTENDED_* */
	uint64_t header[7];
	uint8_t ymm_high[EXTENDED_REGISTERS][16];
	uint64_t parts; /* EXTENDED_*: what there is */
} __attribute__((aligned(64)));

_Static_assert(__builtin_offsetof(struct extended, present) == 512, "area of FXSAVE");
_Static_assert(__builtin_offsetof(struct extended, ymm_high) == 576, "area of XSAVE");

#endif
