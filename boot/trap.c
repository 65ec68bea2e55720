/* SPDX-License-Identifier: MIT */
/* Processor exceptions while booting. */
#include "trap.h"

#include "console.h"
#include "lib.h"

#define VECTORS	  32
#define STUB_SIZE 16
#define CODE_SEG  0x08
#define INT_GATE  0x8e00

struct gate {
	uint16_t offset_low, selector, type, offset_mid;
	uint32_t offset_high, reserved;
};

/* Stack of a stub (start64.S). */
struct trap_frame {
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

extern const char trap_stubs[];

static struct gate idt[VECTORS];

/* Called by the stubs. */
_Noreturn void trap_report(const struct trap_frame *frame, uint64_t cr2);

void trap_report(const struct trap_frame *frame, uint64_t cr2)
{
	fatal("exception %lu, code 0x%lx, at 0x%lx, address 0x%lx", frame->vector, frame->error,
	      frame->rip, cr2);
}

void trap_init(void)
{
	struct {
		uint16_t limit;
		const struct gate *base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, idt };

	for (unsigned i = 0; i < VECTORS; i++) {
		uint64_t stub = ptr_phys(trap_stubs) + i * STUB_SIZE;

		idt[i] = (struct gate){
			(uint16_t)stub,		CODE_SEG, INT_GATE, (uint16_t)(stub >> 16),
			(uint32_t)(stub >> 32), 0
		};
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
}
