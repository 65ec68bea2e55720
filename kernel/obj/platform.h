/* SPDX-License-Identifier: MIT */
/* Platform control: protocol 0 of the platform interrupt controller object. Abi spec 7.11. */
#ifndef KERNEL_PLATFORM_CONTROL_H
#define KERNEL_PLATFORM_CONTROL_H

#include "core/kobject.h"

/* Methods; the caller checked the protocol. Returns the reply tag. */
u64 platform_methods(struct invocation *inv);

#endif
