/* SPDX-License-Identifier: MIT */
/* Offsets for the assembler: compiled to text, from which the build makes offsets.h. */
#include <l4/zwinger/wellknown.h>

#include "shim/own.h"
#include "shim/pte.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"->" #name " %c0\"" : : "i"(value))
#define STATE(name, field)  DEFINE(ST_##name, offsetof(l4_vcpu_state_t, field))
#define CALL(name, field) \
	DEFINE(ST_CALL_##name, L4_ZW_VCPU_EXT_OFFSET + offsetof(l4_zw_vcpu_ext_t, field))

void offsets(void);
void offsets(void)
{
	DEFINE(VCPU_MEMORY, (long)GUEST_VCPU >> 16);
	DEFINE(VCPU_BYTES, GUEST_VCPU_BYTES);
	DEFINE(VCPU_SHIFT, __builtin_ctzl(GUEST_VCPU_BYTES));
	DEFINE(SELECTOR, OWN_SELECTOR);
	DEFINE(CLOSED, OWN_CLOSED);
	DEFINE(OPEN, OWN_OPEN);
	DEFINE(USER, OWN_USER);
	DEFINE(USER_BIT, L4_VCPU_F_USER_MODE);
	DEFINE(CALL_STACK, OWN_CALL_STACK);
	DEFINE(OWN_STATE, offsetof(struct own, state));
	DEFINE(OWN_UTCB, offsetof(struct own, utcb));
	DEFINE(OWN_GUEST_RSP, offsetof(struct own, guest_rsp));
	DEFINE(OWN_FINISH, offsetof(struct own, finish));
	DEFINE(OWN_SLOW_EXIT, offsetof(struct own, slow_exit));
	DEFINE(OWN_VCPU, offsetof(struct own, v));
	DEFINE(OWN_INFO, offsetof(struct own, v.info));
	DEFINE(OWN_STACK_TOP, offsetof(struct own, v.stack_top));
	DEFINE(OWN_KERNEL_RSP, offsetof(struct own, v.kernel_rsp));
	DEFINE(OWN_SYSCALL, offsetof(struct own, v.traps.callbacks[XEN_CALLBACK_SYSCALL].address));
	DEFINE(INFO_MASK, offsetof(struct xen_vcpu_info, upcall_mask));
	STATE(OWN, user_data[0]);
	STATE(R15, r.r15);
	STATE(R14, r.r14);
	STATE(R13, r.r13);
	STATE(R12, r.r12);
	STATE(R11, r.r11);
	STATE(R10, r.r10);
	STATE(R9, r.r9);
	STATE(R8, r.r8);
	STATE(RDI, r.di);
	STATE(RSI, r.si);
	STATE(RBP, r.bp);
	STATE(RBX, r.bx);
	STATE(RDX, r.dx);
	STATE(RCX, r.cx);
	STATE(RAX, r.ax);
	STATE(TRAP, r.trapno);
	STATE(RIP, r.ip);
	STATE(CS, r.cs);
	STATE(RFLAGS, r.flags);
	STATE(RSP, r.sp);
	STATE(SS, r.ss);
	STATE(STATE, state);
	STATE(SAVED, saved_state);
	STATE(STICKY, sticky_flags);
	DEFINE(ST_PENDING, L4_ZW_VCPU_EXT_OFFSET + offsetof(l4_zw_vcpu_ext_t, pending));
	CALL(RIP, syscall_ip);
	CALL(RSP, syscall_sp);
	CALL(FLAGS, syscall_flags);
	CALL(RCX, return_cx);
	CALL(R11, return_r11);
	DEFINE(TRAP_SYSCALL, L4_ZW_VCPU_TRAP_SYSCALL);
	DEFINE(FLAG_IF, FLAG_INTERRUPT);
	DEFINE(FLAGS_SHORT, FLAG_INTERRUPT | FLAG_TRAP | FLAG_RESUME);
	DEFINE(CS32, L4_ZW_USER_CS32);
	DEFINE(CS64, L4_ZW_USER_CS64);
	DEFINE(SS64, L4_ZW_USER_DS);
	DEFINE(HALF_BITS, HALF_BITS);
	DEFINE(KERNEL_CS, XEN_CS64);
	DEFINE(KERNEL_SS, XEN_SS);
	DEFINE(RESUME_OP, L4_THREAD_VCPU_RESUME_OP);
	DEFINE(SYNC_OP, L4_ZW_THREAD_VCPU_SYNC_OP);
	DEFINE(RESUME_TAG, L4_PROTO_THREAD * 65536L + 1);
	DEFINE(RESUME_TO, L4_INVALID_CAP | L4_SYSF_CALL);
}
