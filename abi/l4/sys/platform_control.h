/* SPDX-License-Identifier: MIT */
/* Platform control: suspend, power off, reboot. Same object as the ICU of the root task. */
#ifndef L4_SYS_PLATFORM_CONTROL_H
#define L4_SYS_PLATFORM_CONTROL_H

#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/ipc.h>

enum L4_platform_ctl_proto { L4_PROTO_PLATFORM_CTL = 0 };

enum L4_platform_ctl_ops {
	L4_PLATFORM_CTL_SYS_SUSPEND_OP = 0,
	L4_PLATFORM_CTL_SYS_SHUTDOWN_OP = 1,
	L4_PLATFORM_CTL_CPU_ALLOW_SHUTDOWN_OP = 2,
	L4_PLATFORM_CTL_CPU_ENABLE_OP = 3, /* -L4_ENOSYS on amd64 */
	L4_PLATFORM_CTL_CPU_DISABLE_OP = 4 /* -L4_ENOSYS on amd64 */
};

/* Operation with one argument word: common form of those below. */
L4_INLINE l4_msgtag_t l4_platform_ctl_op_u(l4_cap_idx_t pfc, unsigned op, l4_umword_t arg,
					   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = op;
	v->mr[1] = arg;
	return l4_obj_call_u(pfc, L4_PROTO_PLATFORM_CTL, 2, 0, utcb);
}

/* Suspend to RAM; extras is the ACPI sleep type. -L4_ENODEV, -L4_EINVAL, -L4_EBUSY. */
L4_INLINE l4_msgtag_t l4_platform_ctl_system_suspend_u(l4_cap_idx_t pfc, l4_umword_t extras,
						       l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_platform_ctl_op_u(pfc, L4_PLATFORM_CTL_SYS_SUSPEND_OP, extras, utcb);
}

/* l4_platform_ctl_system_suspend_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_platform_ctl_system_suspend(l4_cap_idx_t pfc,
						     l4_umword_t extras) L4_NOTHROW
{
	return l4_platform_ctl_system_suspend_u(pfc, extras, l4_utcb());
}

/* Reboot (1) or power off (0). -L4_ENOSYS if the machine cannot. */
L4_INLINE l4_msgtag_t l4_platform_ctl_system_shutdown_u(l4_cap_idx_t pfc, l4_umword_t reboot,
							l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_platform_ctl_op_u(pfc, L4_PLATFORM_CTL_SYS_SHUTDOWN_OP, reboot, utcb);
}

/* l4_platform_ctl_system_shutdown_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_platform_ctl_system_shutdown(l4_cap_idx_t pfc,
						      l4_umword_t reboot) L4_NOTHROW
{
	return l4_platform_ctl_system_shutdown_u(pfc, reboot, l4_utcb());
}

/* Allow (1) or forbid (0) that the CPU with the APIC id phys_id is shut down. */
L4_INLINE l4_msgtag_t l4_platform_ctl_cpu_allow_shutdown_u(l4_cap_idx_t pfc, l4_umword_t phys_id,
							   l4_umword_t enable,
							   l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_PLATFORM_CTL_CPU_ALLOW_SHUTDOWN_OP;
	v->mr[1] = phys_id;
	v->mr[2] = enable;
	return l4_obj_call_u(pfc, L4_PROTO_PLATFORM_CTL, 3, 0, utcb);
}

/* l4_platform_ctl_cpu_allow_shutdown_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_platform_ctl_cpu_allow_shutdown(l4_cap_idx_t pfc, l4_umword_t phys_id,
							 l4_umword_t enable) L4_NOTHROW
{
	return l4_platform_ctl_cpu_allow_shutdown_u(pfc, phys_id, enable, l4_utcb());
}

/* Start an offline CPU by its APIC id. */
L4_INLINE l4_msgtag_t l4_platform_ctl_cpu_enable_u(l4_cap_idx_t pfc, l4_umword_t phys_id,
						   l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_platform_ctl_op_u(pfc, L4_PLATFORM_CTL_CPU_ENABLE_OP, phys_id, utcb);
}

/* l4_platform_ctl_cpu_enable_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_platform_ctl_cpu_enable(l4_cap_idx_t pfc, l4_umword_t phys_id) L4_NOTHROW
{
	return l4_platform_ctl_cpu_enable_u(pfc, phys_id, l4_utcb());
}

/* Stop an online CPU by its APIC id. */
L4_INLINE l4_msgtag_t l4_platform_ctl_cpu_disable_u(l4_cap_idx_t pfc, l4_umword_t phys_id,
						    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_platform_ctl_op_u(pfc, L4_PLATFORM_CTL_CPU_DISABLE_OP, phys_id, utcb);
}

/* l4_platform_ctl_cpu_disable_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_platform_ctl_cpu_disable(l4_cap_idx_t pfc, l4_umword_t phys_id) L4_NOTHROW
{
	return l4_platform_ctl_cpu_disable_u(pfc, phys_id, l4_utcb());
}

#endif
