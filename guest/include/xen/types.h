/* SPDX-License-Identifier: MIT */
/* Paravirtual interface: what all its structures share. Addresses of the guest are plain numbers.
 */
#ifndef GUEST_XEN_TYPES_H
#define GUEST_XEN_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Offset of a member, checked where the structure is declared. */
#define XEN_AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define XEN_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)

enum { XEN_PAGE_SHIFT = 12, XEN_PAGE_SIZE = 1 << XEN_PAGE_SHIFT };

/* Domain numbers with a meaning of their own. */
enum xen_domain { XEN_DOMAIN_SELF = 0x7ff0, XEN_DOMAIN_IO = 0x7ff1, XEN_DOMAIN_INVALID = 0x7ff4 };

/* Errors, returned as negative numbers; they are those of Linux. */
enum xen_error {
	XEN_EPERM = 1,
	XEN_ENOENT = 2,
	XEN_ESRCH = 3,
	XEN_EIO = 5,
	XEN_E2BIG = 7,
	XEN_ENOMEM = 12,
	XEN_EACCES = 13,
	XEN_EFAULT = 14,
	XEN_EBUSY = 16,
	XEN_EEXIST = 17,
	XEN_EINVAL = 22,
	XEN_ENOSPC = 28,
	XEN_ENOSYS = 38,
	XEN_ENODATA = 61,
	XEN_EOPNOTSUPP = 95,
	XEN_ETIME = 62
};

#endif
