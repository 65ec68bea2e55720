/* SPDX-License-Identifier: MIT */
/*
 * What is to be dropped from views. Drops are collected under the machine's lock, and told to the
 * microkernel together: by whoever needs them to be done, without the lock if that is possible,
 * because other CPUs are waited for. So a drop is in one of three places: in the queue; on its way,
 * while its vCPU's count `telling` is odd; or done.
 */
#ifndef GUEST_SHIM_DROPS_H
#define GUEST_SHIM_DROPS_H

#include "shim/vcpu.h"

/* Drop a range of guest addresses (bytes; 0: everything; start may have DROP_WRITING added) from
 * the view of a base of the tracker. Lock held. It is in the queue then, or done. */
void drops_add(struct vcpu *v, unsigned base, uint64_t start, uint64_t bytes);

/* What is in the queue is done. Lock held. */
void drops_send(struct vcpu *v);

/* What was ever added is done. Lock held. */
void drops_finish(struct vcpu *v);

/* The same; takes the lock if it has to. */
void drops_settle(struct vcpu *v);

#endif
