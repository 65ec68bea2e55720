/* SPDX-License-Identifier: MIT */
/* Interrupt controller: pins to which interrupt objects and semaphores are bound. L4_PROTO_IRQ. */
#ifndef L4_SYS_ICU_H
#define L4_SYS_ICU_H

#include <l4/sys/kobject.h>
#include <l4/sys/ipc.h>

#define L4_ICU_FLAG_MSI 0x80000000U /* in a pin number: message-signalled interrupt */

/* Trigger mode; bit 0 asks to set it. */
enum L4_irq_mode {
	L4_IRQ_F_NONE = 0,
	L4_IRQ_F_SET_MODE = 0x1,
	L4_IRQ_F_LEVEL = 0x2,
	L4_IRQ_F_EDGE = 0x0,
	L4_IRQ_F_POS = 0x0,
	L4_IRQ_F_NEG = 0x4,
	L4_IRQ_F_BOTH = 0x8,
	L4_IRQ_F_LEVEL_HIGH = 0x3,
	L4_IRQ_F_LEVEL_LOW = 0x7,
	L4_IRQ_F_POS_EDGE = 0x1,
	L4_IRQ_F_NEG_EDGE = 0x5,
	L4_IRQ_F_BOTH_EDGE = 0x9,
	L4_IRQ_F_MASK = 0xf,
	L4_IRQ_F_SET_WAKEUP = 0x10,
	L4_IRQ_F_CLEAR_WAKEUP = 0x20
};

enum L4_icu_opcode {
	L4_ICU_OP_BIND = 0,
	L4_ICU_OP_UNBIND = 1,
	L4_ICU_OP_INFO = 2,
	L4_ICU_OP_MSI_INFO = 3,
	L4_ICU_OP_UNMASK = 4, /* no answer */
	L4_ICU_OP_MASK = 5,   /* no answer */
	L4_ICU_OP_SET_MODE = 6
};

enum L4_icu_ctl_op { L4_ICU_CTL_UNMASK = 0, L4_ICU_CTL_MASK = 1 };

typedef struct l4_icu_info_t {
	unsigned features; /* L4_ICU_FLAG_MSI */
	unsigned nr_irqs;
	unsigned nr_msis;
} l4_icu_info_t;

typedef struct l4_icu_msi_info_t {
	l4_uint64_t msi_addr; /* bus address that the device writes to */
	l4_uint32_t msi_data;
} l4_icu_msi_info_t;

L4_STATIC_ASSERT(sizeof(l4_icu_msi_info_t) == 16);

/* Bind or unbind (op): common form of the two below. */
L4_INLINE l4_msgtag_t l4_icu_bind_op_u(l4_cap_idx_t icu, unsigned op, unsigned irqnum,
				       l4_cap_idx_t irq, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = op;
	v->mr[1] = irqnum;
	l4_utcb_obj_arg_u(utcb, 2, irq);
	return l4_obj_call_u(icu, L4_PROTO_IRQ, 2, 1, utcb);
}

/*
 * Bind the interrupt object or semaphore irq (W right) to pin irqnum. Label 0: unmask through the
 * object; 1: through the ICU. -L4_EPERM, -L4_EINVAL (no such pin, or in use).
 */
L4_INLINE l4_msgtag_t l4_icu_bind_u(l4_cap_idx_t icu, unsigned irqnum, l4_cap_idx_t irq,
				    l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_icu_bind_op_u(icu, L4_ICU_OP_BIND, irqnum, irq, utcb);
}

/* l4_icu_bind_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_bind(l4_cap_idx_t icu, unsigned irqnum, l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_icu_bind_u(icu, irqnum, irq, l4_utcb());
}

/* Unbind what pin irqnum is bound to. */
L4_INLINE l4_msgtag_t l4_icu_unbind_u(l4_cap_idx_t icu, unsigned irqnum, l4_cap_idx_t irq,
				      l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_icu_bind_op_u(icu, L4_ICU_OP_UNBIND, irqnum, irq, utcb);
}

/* l4_icu_unbind_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_unbind(l4_cap_idx_t icu, unsigned irqnum, l4_cap_idx_t irq) L4_NOTHROW
{
	return l4_icu_unbind_u(icu, irqnum, irq, l4_utcb());
}

/* *info = features and numbers of pins; unchanged on error. */
L4_INLINE l4_msgtag_t l4_icu_info_u(l4_cap_idx_t icu, l4_icu_info_t *info,
				    l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_ICU_OP_INFO;
	res = l4_obj_call_u(icu, L4_PROTO_IRQ, 1, 0, utcb);
	if (l4_error_u(res, utcb) < 0)
		return res;
	info->features = (unsigned)v->mr[0];
	info->nr_irqs = (unsigned)v->mr[1];
	info->nr_msis = (unsigned)v->mr[2];
	return res;
}

/* l4_icu_info_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_info(l4_cap_idx_t icu, l4_icu_info_t *info) L4_NOTHROW
{
	return l4_icu_info_u(icu, info, l4_utcb());
}

/*
 * *msi_info = address and data for the bound MSI irqnum (with L4_ICU_FLAG_MSI) of the device
 * source (PCI requester id with type bits); unchanged on error. -L4_ERANGE, -L4_ENOSYS.
 */
L4_INLINE l4_msgtag_t l4_icu_msi_info_u(l4_cap_idx_t icu, unsigned irqnum, l4_uint64_t source,
					l4_icu_msi_info_t *msi_info, l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t res;

	v->mr[0] = L4_ICU_OP_MSI_INFO;
	v->mr[1] = irqnum;
	v->mr[2] = (l4_umword_t)source;
	res = l4_obj_call_u(icu, L4_PROTO_IRQ, 3, 0, utcb);
	if (l4_error_u(res, utcb) < 0)
		return res;
	msi_info->msi_addr = v->mr[0];
	msi_info->msi_data = (l4_uint32_t)v->mr[1];
	return res;
}

/* l4_icu_msi_info_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_msi_info(l4_cap_idx_t icu, unsigned irqnum, l4_uint64_t source,
				      l4_icu_msi_info_t *msi_info) L4_NOTHROW
{
	return l4_icu_msi_info_u(icu, irqnum, source, msi_info, l4_utcb());
}

/* Set the trigger mode (L4_irq_mode) of a pin. -L4_EINVAL. */
L4_INLINE l4_msgtag_t l4_icu_set_mode_u(l4_cap_idx_t icu, unsigned irqnum, l4_umword_t mode,
					l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);

	v->mr[0] = L4_ICU_OP_SET_MODE;
	v->mr[1] = irqnum;
	v->mr[2] = mode;
	return l4_obj_call_u(icu, L4_PROTO_IRQ, 3, 0, utcb);
}

/* l4_icu_set_mode_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_set_mode(l4_cap_idx_t icu, unsigned irqnum,
				      l4_umword_t mode) L4_NOTHROW
{
	return l4_icu_set_mode_u(icu, irqnum, mode, l4_utcb());
}

/* Mask or unmask (L4_icu_ctl_op) a pin; with label not NULL also wait for the next message. */
L4_INLINE l4_msgtag_t l4_icu_control_u(l4_cap_idx_t icu, unsigned irqnum, unsigned op,
				       l4_umword_t *label, l4_timeout_t to,
				       l4_utcb_t *utcb) L4_NOTHROW
{
	l4_msg_regs_t *v = l4_utcb_mr_u(utcb);
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_IRQ, 2, 0, 0);

	v->mr[0] = L4_ICU_OP_UNMASK + op;
	v->mr[1] = irqnum;
	if (label)
		return l4_ipc_send_and_wait(icu, utcb, tag, label, to);
	return l4_ipc_send(icu, utcb, tag, to);
}

/* Unmask a pin; see l4_icu_control_u(). Check with l4_ipc_error() only. */
L4_INLINE l4_msgtag_t l4_icu_unmask_u(l4_cap_idx_t icu, unsigned irqnum, l4_umword_t *label,
				      l4_timeout_t to, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_icu_control_u(icu, irqnum, L4_ICU_CTL_UNMASK, label, to, utcb);
}

/* l4_icu_unmask_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_unmask(l4_cap_idx_t icu, unsigned irqnum, l4_umword_t *label,
				    l4_timeout_t to) L4_NOTHROW
{
	return l4_icu_unmask_u(icu, irqnum, label, to, l4_utcb());
}

/* Mask a pin; see l4_icu_control_u(). Check with l4_ipc_error() only. */
L4_INLINE l4_msgtag_t l4_icu_mask_u(l4_cap_idx_t icu, unsigned irqnum, l4_umword_t *label,
				    l4_timeout_t to, l4_utcb_t *utcb) L4_NOTHROW
{
	return l4_icu_control_u(icu, irqnum, L4_ICU_CTL_MASK, label, to, utcb);
}

/* l4_icu_mask_u() with the UTCB of the calling thread. */
L4_INLINE l4_msgtag_t l4_icu_mask(l4_cap_idx_t icu, unsigned irqnum, l4_umword_t *label,
				  l4_timeout_t to) L4_NOTHROW
{
	return l4_icu_mask_u(icu, irqnum, label, to, l4_utcb());
}

#endif
