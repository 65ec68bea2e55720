/* SPDX-License-Identifier: MIT */
/* Scheduler: gives CPUs to threads. Protocol L4_PROTO_SCHEDULER; also an ICU with one pin. */
#ifndef L4_SYS_SCHEDULER_H
#define L4_SYS_SCHEDULER_H

#include <l4/sys/kobject.h>
#include <l4/sys/ipc.h>

enum L4_scheduler_ops {
	L4_SCHEDULER_INFO_OP = 0,
	L4_SCHEDULER_RUN_THREAD_OP = 1,
	L4_SCHEDULER_IDLE_TIME_OP = 2
};

/* Bits of the class word that info returns. */
enum L4_scheduler_classes {
	L4_SCHEDULER_CLASS_FIXED_PRIO = 1 << 1,
	L4_SCHEDULER_CLASS_WFQ = 1 << 2
};

/* Bit i of map covers 2^granularity CPUs from offset + i * 2^granularity on. */
typedef struct l4_sched_cpu_set_t {
	l4_umword_t gran_offset; /* granularity bits 24..31, offset bits 0..23 */
	l4_umword_t map;
} l4_sched_cpu_set_t;

typedef struct l4_sched_param_t {
	l4_sched_cpu_set_t affinity;
	l4_umword_t prio;    /* 1..255 */
	l4_umword_t quantum; /* time slice in microseconds; 0 = default */
} l4_sched_param_t;

L4_STATIC_ASSERT(sizeof(l4_sched_cpu_set_t) == 16 && sizeof(l4_sched_param_t) == 32);

/* CPU set; offset must be a multiple of 2^granularity. */
L4_INLINE l4_sched_cpu_set_t l4_sched_cpu_set(l4_umword_t offset, unsigned char granularity,
					      l4_umword_t map L4_DEFAULT_PARAM(1)) L4_NOTHROW
{
	l4_sched_cpu_set_t set;

	set.gran_offset = ((l4_umword_t)granularity << 24) | (offset & 0xffffff);
	set.map = map;
	return set;
}

/* Parameters for any CPU. */
L4_INLINE l4_sched_param_t l4_sched_param(unsigned prio,
					  l4_umword_t quantum L4_DEFAULT_PARAM(0)) L4_NOTHROW
{
	l4_sched_param_t param;

	param.affinity = l4_sched_cpu_set(0, 0xff, 1);
	param.prio = prio;
	param.quantum = quantum;
	return param;
}

/*
 * cpus->map = CPUs that are there, in the window of cpus->gran_offset; *cpu_max = upper limit of
 * CPU numbers; *sched_classes = L4_scheduler_classes. Each pointer may be NULL. -L4_ERANGE.
 */
L4_INLINE l4_msgtag_t l4_scheduler_info_u(l4_cap_idx_t scheduler, l4_umword_t *cpu_max,
					  l4_sched_cpu_set_t *cpus, l4_umword_t *sched_classes,
					  l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_SCHEDULER_INFO_OP;
	v->mr[1] = cpus ? cpus->gran_offset : 0;
	res = l4_obj_call_u(scheduler, L4_PROTO_SCHEDULER, 2, 0, utcb);
	if (l4_error_u(res, utcb) < 0)
		return res;
	if (cpus)
		cpus->map = v->mr[0];
	if (cpu_max)
		*cpu_max = v->mr[1];
	if (sched_classes)
		*sched_classes = v->mr[2];
	return res;
}

/* l4_scheduler_info_u() for the calling thread, without classes. */
L4_INLINE l4_msgtag_t l4_scheduler_info(l4_cap_idx_t scheduler, l4_umword_t *cpu_max,
					l4_sched_cpu_set_t *cpus) L4_NOTHROW
{
	return l4_scheduler_info_u(scheduler, cpu_max, cpus, NULL, l4_utcb());
}

/* l4_scheduler_info_u() for the calling thread. */
L4_INLINE l4_msgtag_t l4_scheduler_info_with_classes(l4_cap_idx_t scheduler, l4_umword_t *cpu_max,
						     l4_sched_cpu_set_t *cpus,
						     l4_umword_t *sched_classes) L4_NOTHROW
{
	return l4_scheduler_info_u(scheduler, cpu_max, cpus, sched_classes, l4_utcb());
}

/* Let the thread run on a CPU of sp->affinity; effective at once. -L4_EINVAL, -L4_ERANGE. */
L4_INLINE l4_msgtag_t l4_scheduler_run_thread_u(l4_cap_idx_t scheduler, l4_cap_idx_t thread,
						l4_sched_param_t const *sp,
						l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_SCHEDULER_RUN_THREAD_OP;
	v->mr[1] = sp->affinity.gran_offset;
	v->mr[2] = sp->affinity.map;
	v->mr[3] = sp->prio;
	v->mr[4] = sp->quantum;
	l4_utcb_obj_arg_u(utcb, 5, thread);
	return l4_obj_call_u(scheduler, L4_PROTO_SCHEDULER, 5, 1, utcb);
}

/* l4_scheduler_run_thread_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_scheduler_run_thread(l4_cap_idx_t scheduler, l4_cap_idx_t thread,
					      l4_sched_param_t const *sp) L4_NOTHROW
{
	return l4_scheduler_run_thread_u(scheduler, thread, sp, l4_utcb());
}

/* *us = idle time in microseconds of the CPUs in the set. -L4_EINVAL if none is online. */
L4_INLINE l4_msgtag_t l4_scheduler_idle_time_u(l4_cap_idx_t scheduler,
					       l4_sched_cpu_set_t const *cpus,
					       l4_kernel_clock_t *us, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_SCHEDULER_IDLE_TIME_OP;
	v->mr[1] = cpus->gran_offset;
	v->mr[2] = cpus->map;
	res = l4_obj_call_u(scheduler, L4_PROTO_SCHEDULER, 3, 0, utcb);
	if (l4_error_u(res, utcb) >= 0)
		*us = v->mr[0];
	return res;
}

/* l4_scheduler_idle_time_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_scheduler_idle_time(l4_cap_idx_t scheduler, l4_sched_cpu_set_t const *cpus,
					     l4_kernel_clock_t *us) L4_NOTHROW
{
	return l4_scheduler_idle_time_u(scheduler, cpus, us, l4_utcb());
}

/* 1 if the CPU is online, otherwise 0. */
L4_INLINE int l4_scheduler_is_online_u(l4_cap_idx_t scheduler, l4_umword_t cpu,
				       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(cpu, 0, 0);
	l4_msgtag_t res = l4_scheduler_info_u(scheduler, NULL, &set, NULL, utcb);

	return l4_error_u(res, utcb) >= 0 && (set.map & 1);
}

/* l4_scheduler_is_online_u() with the UTCB of the calling thread. */
L4_INLINE int l4_scheduler_is_online(l4_cap_idx_t scheduler, l4_umword_t cpu) L4_NOTHROW
{
	return l4_scheduler_is_online_u(scheduler, cpu, l4_utcb());
}

#endif
