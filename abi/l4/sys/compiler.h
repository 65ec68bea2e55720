/* SPDX-License-Identifier: MIT */
/* Compiler-dependent words of the L4 C interface, for gcc and clang, C11 and later and C++17. */
#ifndef L4_SYS_COMPILER_H
#define L4_SYS_COMPILER_H

#include <l4/sys/linkage.h>

#ifdef __cplusplus
#define L4_INLINE inline
#define L4_CONSTEXPR
#define L4_NOTHROW	       noexcept
#define L4_NOTHROW__A	       noexcept
#define EXTERN_C	       extern "C"
#define EXTERN_C_BEGIN	       extern "C" {
#define EXTERN_C_END	       }
#define L4_DEFAULT_PARAM(x)    = x
#define L4_STATIC_ASSERT(cond) static_assert(cond, #cond)
#else
#define L4_INLINE static __inline__
#define L4_CONSTEXPR
#define L4_NOTHROW
#define L4_NOTHROW__A __attribute__((nothrow))
#define EXTERN_C
#define EXTERN_C_BEGIN
#define EXTERN_C_END
#define L4_DEFAULT_PARAM(x)
#define L4_STATIC_ASSERT(cond) _Static_assert(cond, #cond)
#ifndef static_assert
#define static_assert _Static_assert
#endif
#endif

#define L4_BEGIN_DECLS EXTERN_C_BEGIN
#define L4_END_DECLS   EXTERN_C_END
#ifndef __BEGIN_DECLS
#define __BEGIN_DECLS EXTERN_C_BEGIN
#endif
#ifndef __END_DECLS
#define __END_DECLS EXTERN_C_END
#endif

#define L4_ALWAYS_INLINE L4_INLINE __attribute__((__always_inline__))
#define L4_NORETURN	 __attribute__((noreturn))
#define L4_PURE		 __attribute__((pure))
#define L4_NOINSTRUMENT	 __attribute__((no_instrument_function))
#define L4_DEPRECATED(s) __attribute__((deprecated(s)))
#define L4_STICKY(x)	 __attribute__((used)) x
#ifndef L4_HIDDEN
#define L4_HIDDEN __attribute__((visibility("hidden")))
#endif
#ifndef L4_EXPORT
#define L4_EXPORT __attribute__((visibility("default")))
#endif
#ifndef L4_EXPORT_TYPE
#ifdef __cplusplus
#define L4_EXPORT_TYPE L4_EXPORT
#else
#define L4_EXPORT_TYPE
#endif
#endif

#define L4_DECLARE_CONSTRUCTOR(func, prio)                                               \
	static __inline__ __attribute__((constructor(prio))) void func##_ctor_func(void) \
	{                                                                                \
		func();                                                                  \
	}
#define L4_STRONG_ALIAS(name, aliasname) L4__STRONG_ALIAS(name, aliasname)
#define L4__STRONG_ALIAS(name, aliasname) \
	extern __typeof(name) aliasname __attribute__((alias(#name)));

#define L4_LIKELY(x)   __builtin_expect((x), 1)
#define L4_UNLIKELY(x) __builtin_expect((x), 0)

#define L4_stringify_helper(x) #x
#define L4_stringify(x)	       L4_stringify_helper(x)

/* Stack alignment in bytes that the System V amd64 ABI asks for at a call instruction. */
#define L4_STACK_ALIGN 16UL

/*
 * Stack pointer to start a function with that no call instruction enters: the highest address not
 * above stack (user address) that is 8 below a multiple of L4_STACK_ALIGN, as after a call.
 */
L4_INLINE unsigned long l4_align_stack_for_direct_fncall(unsigned long stack) L4_NOTHROW
{
	return ((stack + 8) & ~(L4_STACK_ALIGN - 1)) - 8;
}

/* Keep the compiler from moving memory accesses across this point; no instruction. */
L4_INLINE void l4_barrier(void) L4_NOTHROW
{
	__asm__ __volatile__("" : : : "memory");
}

/* Full memory barrier: earlier loads and stores before later ones, for all CPUs. */
L4_INLINE void l4_mb(void) L4_NOTHROW
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Write barrier: earlier stores to normal memory become visible before later ones. */
L4_INLINE void l4_wmb(void) L4_NOTHROW
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

#endif
