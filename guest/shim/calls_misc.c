/* SPDX-License-Identifier: MIT */
/* Hypercalls: many calls in one, what the other side is, text, input and output. */
#include "shim/access.h"
#include "shim/calls.h"
#include "shim/host.h"
#include "xen/hypercall.h"
#include "xen/start_info.h"

enum {
	MAJOR = 4,
	MINOR = 17,
	TEXT_CHUNK = 256,
	IO_PORTS = 65536,
	IOPL_MAX = 3,
	TEXT_MAX = 1024 /* the longest text of xen_version */
};

/* Not from inside another one, and nothing that does not come back. */
static long one_of_many(struct vcpu *v, const struct xen_multicall_entry *e)
{
	if (e->op == XEN_CALL_MULTICALL)
		return -XEN_EINVAL;
	return call_inner(v, e->op, e->args);
}

/* multicall(entries, count): each entry gets its own result */
long call_multicall(struct vcpu *v, const uint64_t *args)
{
	uint64_t at = args[0];

	for (uint32_t left = args[1]; left; left--, at += sizeof(struct xen_multicall_entry)) {
		struct xen_multicall_entry e;

		if (!(left % LOOK_EVERY))
			host_look(v);
		if (!guest_read(v, &e, at, sizeof(e)))
			return -XEN_EFAULT;
		e.result = one_of_many(v, &e);
		if (!guest_write(v, at + offsetof(struct xen_multicall_entry, result), &e.result,
				 sizeof(e.result)))
			return -XEN_EFAULT;
	}
	return 0;
}

/* A text in a field of so many bytes, the rest of which is 0. */
static long write_text(struct vcpu *v, uint64_t at, const char *text, size_t bytes)
{
	char field[TEXT_MAX] = { 0 };

	for (size_t i = 0; i < bytes - 1 && text[i]; i++)
		field[i] = text[i];
	return guest_write(v, at, field, bytes) ? 0 : -XEN_EFAULT;
}

static const struct {
	const char *text;
	uint16_t bytes;
} texts[] = {
	[XEN_VERSION_EXTRA] = { ".0", 16 },
	[XEN_VERSION_CAPABILITIES] = { "xen-3.0-x86_64 ", 1024 },
	[XEN_VERSION_CHANGESET] = { "unavailable", 64 },
	[XEN_VERSION_GUEST_HANDLE] = { "", 16 },
	[XEN_VERSION_COMMANDLINE] = { "<denied>", 1024 },
};

/* Compiler, who, domain, date. */
static long compile_info(struct vcpu *v, uint64_t at)
{
	static const uint8_t fields[] = { 64, 16, 32, 32 };
	long result = 0;

	for (unsigned i = 0; !result && i < sizeof(fields); at += fields[i++])
		result = write_text(v, at, i ? "" : "C", fields[i]);
	return result;
}

static long features(struct vcpu *v, uint64_t at)
{
	struct xen_feature_info info;

	if (!guest_read(v, &info, at, sizeof(info)))
		return -XEN_EFAULT;
	info.submap = info.submap_idx
			  ? 0
			  : 1U << XEN_FEATURE_PRESERVE_AD | 1U << XEN_FEATURE_GRANT_MAP_AVAIL_BITS;
	return guest_write(v, at, &info, sizeof(info)) ? 0 : -XEN_EFAULT;
}

static long hole_start(struct vcpu *v, uint64_t at)
{
	uint64_t start = XEN_HOLE_START;

	return guest_write(v, at, &start, sizeof(start)) ? 0 : -XEN_EFAULT;
}

/* xen_version(operation, where): the first one is also what a guest calls to be interrupted */
long call_xen_version(struct vcpu *v, const uint64_t *args)
{
	uint32_t op = args[0];

	switch (op) {
	case XEN_VERSION:
		return MAJOR << 16 | MINOR;
	case XEN_VERSION_COMPILE_INFO:
		return compile_info(v, args[1]);
	case XEN_VERSION_PLATFORM_PARAMETERS:
		return hole_start(v, args[1]);
	case XEN_VERSION_GET_FEATURES:
		return features(v, args[1]);
	case XEN_VERSION_PAGESIZE:
		return PAGE_BYTES;
	case XEN_VERSION_BUILD_ID:
		return -XEN_ENODATA;
	default:
		if (op >= sizeof(texts) / sizeof(texts[0]) || !texts[op].bytes)
			return -XEN_ENOSYS;
		return write_text(v, args[1], texts[op].text, texts[op].bytes);
	}
}

/* console_io(command, bytes, buffer): reading is for who owns the console */
long call_console_io(struct vcpu *v, const uint64_t *args)
{
	uint64_t at = args[2];
	char text[TEXT_CHUNK];

	if ((uint32_t)args[0] == XEN_CONSOLE_READ)
		return -XEN_EPERM;
	if ((uint32_t)args[0] != XEN_CONSOLE_WRITE)
		return -XEN_ENOSYS;
	for (uint32_t left = args[1]; left;) {
		uint32_t some = left < TEXT_CHUNK ? left : TEXT_CHUNK;

		if (!guest_read(v, text, at, some))
			return -XEN_EFAULT;
		host_console(v, text, some);
		host_look(v);
		at += some;
		left -= some;
	}
	return 0;
}

static long set_iopl(struct vcpu *v, uint64_t at)
{
	struct xen_physdev_set_iopl a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	if (a.iopl > IOPL_MAX)
		return -XEN_EINVAL;
	v->iopl = a.iopl;
	return 0;
}

/* Accepted, but no port is ever granted. */
static long set_iobitmap(struct vcpu *v, uint64_t at)
{
	struct xen_physdev_set_iobitmap a;

	if (!guest_read(v, &a, at, sizeof(a)))
		return -XEN_EFAULT;
	return a.ports > IO_PORTS ? -XEN_EINVAL : 0;
}

/* physdev_op(operation, argument) */
long call_physdev_op(struct vcpu *v, const uint64_t *args)
{
	switch ((uint32_t)args[0]) {
	case XEN_PHYSDEV_SET_IOPL:
		return set_iopl(v, args[1]);
	case XEN_PHYSDEV_SET_IOBITMAP:
		return set_iobitmap(v, args[1]);
	default:
		return -XEN_ENOSYS;
	}
}
