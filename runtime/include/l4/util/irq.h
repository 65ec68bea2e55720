/* SPDX-License-Identifier: MIT */
/* The interrupt flag. Faults for programs without the I/O privilege. */
#ifndef L4_UTIL_IRQ_H
#define L4_UTIL_IRQ_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

/* Switch interrupts off. */
L4_INLINE void l4util_cli(void)
{
	__asm__ __volatile__("cli" : : : "memory");
}

/* Switch interrupts on. */
L4_INLINE void l4util_sti(void)
{
	__asm__ __volatile__("sti" : : : "memory");
}

/* The flags register. */
L4_INLINE void l4util_flags_save(l4_umword_t *flags)
{
	__asm__ __volatile__("pushf\n\tpop %0" : "=r"(*flags) : : "memory");
}

/* Set the flags register. */
L4_INLINE void l4util_flags_restore(l4_umword_t *flags)
{
	__asm__ __volatile__("push %0\n\tpopf" : : "r"(*flags) : "memory", "cc");
}

#endif
