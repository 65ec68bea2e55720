/* SPDX-License-Identifier: MIT */
/* Error numbers of kernel and servers; labels and return values carry them negated. */
#ifndef L4_SYS_ERR_H
#define L4_SYS_ERR_H

#include <l4/sys/compiler.h>

enum l4_error_code_t {
	L4_EOK = 0,
	L4_EPERM = 1,	      /* a right is missing */
	L4_ENOENT = 2,	      /* no such object or entry */
	L4_EIO = 5,	      /* device error */
	L4_ENXIO = 6,	      /* no such device or address */
	L4_E2BIG = 7,	      /* argument too large */
	L4_EAGAIN = 11,	      /* try again */
	L4_ENOMEM = 12,	      /* no memory, or quota used up */
	L4_EACCESS = 13,      /* access denied */
	L4_EFAULT = 14,	      /* address not mapped with the needed rights */
	L4_EBUSY = 16,	      /* in use, try later */
	L4_EEXIST = 17,	      /* exists already */
	L4_ENODEV = 19,	      /* no such device or kind of object */
	L4_ENOTDIR = 20,      /* not a directory */
	L4_EINVAL = 22,	      /* invalid argument */
	L4_ENOSPC = 28,	      /* no space on the device */
	L4_ERANGE = 34,	      /* value out of range */
	L4_ENAMETOOLONG = 36, /* name too long */
	L4_ENOSYS = 38,	      /* unknown operation */
	L4_EBADPROTO = 39,    /* protocol not spoken by the object */
	L4_EADDRNOTAVAIL = 99,
	L4_ERRNOMAX = 100, /* no number of the first group is above this */

	L4_ENOREPLY = 1000,	/* a server's own: send no reply */
	L4_EMSGTOOSHORT = 1001, /* fewer words or items than the operation needs */
	L4_EMSGTOOLONG = 1002,	/* more words or items than the operation takes */
	L4_EMSGMISSARG = 1003,	/* invalid capability as argument */
	L4_EMSGERRANGE = 1004,	/* result does not fit the label */
	L4_EDROPREPLY = 1005,	/* a server's own: drop the reply capability */

	L4_EIPC_LO = 2000,	 /* + IPC error code (l4_ipc_tcr_error_t) */
	L4_EIPC_HI = 2000 + 0x1f /* last IPC error */
};

EXTERN_C_BEGIN
/* Text for an error (negative or positive number); never NULL. Defined in the runtime library. */
L4_CV char const *l4sys_errtostr(long err) L4_NOTHROW;
EXTERN_C_END

#endif
