/* SPDX-License-Identifier: MIT */
/* Texts of errors. */
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>

struct error_text {
	long code;
	const char *text;
};

static const struct error_text texts[] = {
	{ L4_EOK, "No error" },
	{ L4_EPERM, "No permission" },
	{ L4_ENOENT, "No such entity" },
	{ L4_EIO, "Device error" },
	{ L4_ENXIO, "No such device or address" },
	{ L4_E2BIG, "Argument too large" },
	{ L4_EAGAIN, "Try again" },
	{ L4_ENOMEM, "Out of memory" },
	{ L4_EACCESS, "Access denied" },
	{ L4_EFAULT, "Address not accessible" },
	{ L4_EBUSY, "In use" },
	{ L4_EEXIST, "Exists already" },
	{ L4_ENODEV, "No such device" },
	{ L4_ENOTDIR, "Not a directory" },
	{ L4_EINVAL, "Invalid argument" },
	{ L4_ENOSPC, "No space left" },
	{ L4_ERANGE, "Out of range" },
	{ L4_ENAMETOOLONG, "Name too long" },
	{ L4_ENOSYS, "No such operation" },
	{ L4_EBADPROTO, "Protocol not supported" },
	{ L4_EADDRNOTAVAIL, "Address not available" },
	{ L4_ENOREPLY, "No reply" },
	{ L4_EMSGTOOSHORT, "Message too short" },
	{ L4_EMSGTOOLONG, "Message too long" },
	{ L4_EMSGMISSARG, "Capability argument missing" },
	{ L4_EMSGERRANGE, "Result does not fit the message" },
	{ L4_EDROPREPLY, "Reply dropped" },
	{ L4_EIPC_LO + L4_IPC_SETIMEOUT, "IPC: send timeout" },
	{ L4_EIPC_LO + L4_IPC_RETIMEOUT, "IPC: receive timeout" },
	{ L4_EIPC_LO + L4_IPC_ENOT_EXISTENT, "IPC: no such partner" },
	{ L4_EIPC_LO + L4_IPC_SECANCELED, "IPC: send cancelled" },
	{ L4_EIPC_LO + L4_IPC_RECANCELED, "IPC: receive cancelled" },
	{ L4_EIPC_LO + L4_IPC_SEMSGCUT, "IPC: no receive buffer for an item sent" },
	{ L4_EIPC_LO + L4_IPC_REMSGCUT, "IPC: no receive buffer for an item received" },
	{ L4_EIPC_LO + L4_IPC_SEABORTED, "IPC: send aborted" },
	{ L4_EIPC_LO + L4_IPC_REABORTED, "IPC: receive aborted" },
	{ L4_EIPC_LO + L4_IPC_SEMAPFAILED, "IPC: no memory to map an item sent" },
	{ L4_EIPC_LO + L4_IPC_REMAPFAILED, "IPC: no memory to map an item received" },
	{ L4_EIPC_LO + L4_IPC_ENOREPLYCAP, "IPC: no slot for the reply capability" },
};

char const *l4sys_errtostr(long err)
{
	long code = err < 0 ? -err : err;

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	if (code >= L4_EIPC_LO && code <= L4_EIPC_HI)
		return "IPC: other error";
	return "Unknown error";
}
