/* SPDX-License-Identifier: MIT */
/* What the suite's headers want of the header that musl lacks. */
#ifndef SUITE_SYS_CDEFS_H
#define SUITE_SYS_CDEFS_H

#define __BEGIN_DECLS
#define __END_DECLS
#define __THROW
#define __THROWNL
#define __nonnull(x)
#define __wur
#define __attribute_malloc__
#define __attr_dealloc(free, n)
#define __attr_dealloc_free
#define __attribute_alloc_size__(x)
#define __attribute_alloc_align__(x)
#define __returns_nonnull
#define __REDIRECT(name, prototype, alias) name prototype
#define __P(x)				   x
#define __STRING(x)			   #x
#define __CONCAT(x, y)			   x##y
#define __GNUC_PREREQ(major, minor) \
	(__GNUC__ > (major) || (__GNUC__ == (major) && __GNUC_MINOR__ >= (minor)))
#define __glibc_likely(x)		   (x)
#define __glibc_unlikely(x)		   (x)
#define __attribute_noinline__		   __attribute__((noinline))
#define __attribute_used__		   __attribute__((used))
#define __always_inline			   inline __attribute__((always_inline))
#define __attribute_optimization_barrier__ __attribute__((noinline, noclone))

#endif
