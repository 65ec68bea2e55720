/* SPDX-License-Identifier: MIT */
/*
 * Guest-virtual memory from a hypercall: what the guest's kernel could access at the moment. On the
 * host (tests) and in the shim alike an access that the tables do not allow fails and changes
 * nothing but the bytes before it.
 */
#ifndef GUEST_SHIM_ACCESS_H
#define GUEST_SHIM_ACCESS_H

#include "shim/vcpu.h"

/* Copy bytes from / to a guest-virtual address. False: it is not there, or not writable. */
bool guest_read(struct vcpu *v, void *to, uint64_t from, size_t bytes);
bool guest_write(struct vcpu *v, uint64_t to, const void *from, size_t bytes);

/* The frame that a guest-virtual address of the kernel is in; false if it is in none. */
bool guest_frame(struct vcpu *v, uint64_t address, uint64_t *frame);

#endif
