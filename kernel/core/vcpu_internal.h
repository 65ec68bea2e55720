/* SPDX-License-Identifier: MIT */
/* Between vcpu.c and vcpu_resume.c. */
#ifndef KERNEL_VCPU_INTERNAL_H
#define KERNEL_VCPU_INTERNAL_H

#include "core/vcpu.h"

/* Open receive with zero timeout; `done` runs with the result in rcv_tag and rcv_label. */
void vcpu_receive(struct cpu *c, struct thread *t, continuation done) __attribute__((noreturn));

/* Set the timer of the extension's deadline if it changed. */
void vcpu_arm_deadline(struct cpu *c, struct vcpu *v);

#endif
