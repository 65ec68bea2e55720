/* SPDX-License-Identifier: MIT */
/*
 * Interrupt sources. A pin is one input that an IRQ or semaphore can be bound to: of the platform
 * interrupt controller (I/O APIC pins and MSIs), or the single pin of the kernel log and of the
 * scheduler. Abi spec 7.7; platform control (7.11) shares the platform object.
 */
#ifndef KERNEL_ICU_H
#define KERNEL_ICU_H

#include "obj/irq.h"

enum pin_kind { PIN_SOFT, PIN_IOAPIC, PIN_MSI };

struct pin {
	struct spinlock lock; /* guards target */
	struct irq_base *target;
	u32 number;
	u8 kind;
	u8 vector;   /* 0: none allocated */
	u8 mode;     /* PIN_LEVEL, PIN_LOW of the platform */
	u32 apic_id; /* where it is routed */
};

void icu_init(void);
extern struct kobject *icu_object;

/* Methods of the ICU protocol (-1) on an object with `count` pins; the caller checked the
 * protocol. */
u64 icu_methods(struct invocation *inv, struct pin *pins, unsigned count);

void pin_mask(struct pin *p, bool mask);
/* Let the interrupts of p arrive at home from now on, if it is a CPU (and not limbo_cpu) that p can
 * name; MSIs stay where the device sends them. irq_lock of what is bound to p held. */
void pin_follow(struct pin *p, const struct cpu *home);
/* Detach b from its pin, if any. */
void pin_unbind(struct irq_base *b);
/* Fire what is bound to a soft pin. */
void pin_fire(struct pin *p);

/* Device interrupt of this CPU. */
void icu_interrupt(struct cpu *c, unsigned vector);

/* Kernel-internal use of an I/O APIC pin (serial input): call fn on each interrupt. */
void icu_claim(unsigned pin, void (*fn)(void));

#endif
