/* SPDX-License-Identifier: MIT */
/* The paravirtual interface as its public headers (of the distribution) define it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/elfnote.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include "fact.h"

#define VALUE(ours, theirs)	    { #ours, (unsigned long)(theirs) },
#define SIZE(ours, theirs)	    { "bytes of " #ours, sizeof(struct theirs) },
#define AT(ours, member, theirs, m) { #ours "." #member, offsetof(struct theirs, m) },

const struct fact public_facts[] = {
#include "facts.h"
};

const unsigned public_facts_count = sizeof(public_facts) / sizeof(public_facts[0]);
