/* SPDX-License-Identifier: MIT */
/* Page faults and exceptions of programs, and how their parents learn of them. */
#include <string.h>
#include <l4/re/c/rm.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/irq.h>
#include "moe.h"
#include "rm.h"

enum { FAULT_WRITE = 2, FAULT_FETCH = 4, FAULT_BITS = 7 };

/* CPU exceptions, and the signals that POSIX has for them. */
enum { TRAP_DIVIDE = 0, TRAP_DEBUG = 1, TRAP_BREAKPOINT = 3, TRAP_OVERFLOW = 4 };
enum { TRAP_UNDEFINED = 6, TRAP_FPU = 16, TRAP_ALIGNMENT = 17, TRAP_SIMD = 19, TRAP_PAGE = 14 };
enum { SIGNAL_ILL = 4, SIGNAL_TRAP = 5, SIGNAL_BUS = 7, SIGNAL_FPE = 8, SIGNAL_SEGV = 11 };

/* Rights that an access of a page-fault message needs. */
static unsigned needed_rights(l4_umword_t fault)
{
	if (fault & FAULT_WRITE)
		return DATASPACE_W;
	return fault & FAULT_FETCH ? DATASPACE_X : DATASPACE_R;
}

static const char *access_name(unsigned need)
{
	if (need == DATASPACE_W)
		return "write";
	return need == DATASPACE_X ? "instruction" : "read";
}

/* May the mapping (NULL: none) be used so? */
static long check_access(const struct mapping *m, unsigned need)
{
	if (!m)
		return -L4_ENOMEM;
	if (m->flags & (L4RE_RM_F_KERNEL | L4RE_RM_F_RESERVED))
		return -L4_ENODEV;
	if (!m->dataspace.to)
		return -L4_ENOENT;
	return m->flags & need ? 0 : -L4_EACCESS;
}

/* The item for an access at address, never outside the mapping. */
static long resolve(const struct mapping *m, uint64_t address, unsigned need, l4_umword_t *control,
		    l4_fpage_t *page)
{
	struct dataspace *d = (struct dataspace *)m->dataspace.to;
	uint64_t offset = m->offset + ((address & L4_PAGEMASK) - m->region.start);
	struct extent e;
	long err;

	if (offset >= dataspace_rounded_size(d))
		return -L4_ERANGE;
	err = dataspace_resolve(d, offset, need == DATASPACE_W, &e);
	if (err < 0)
		return err;
	dataspace_item(&e, address & L4_PAGEMASK, m->region.start, m->region.end, m->flags, control,
		       page);
	return 0;
}

static void print_unresolved(struct rm *rm, uint64_t address, uint64_t ip, unsigned need, long err)
{
	if (rm->reports == RM_REPORTS_MAX || rm->handled)
		return;
	rm->reports++;
	if (err == -L4_EACCESS && need == DATASPACE_W)
		moe_print("%s: write page fault in readonly region at 0x%lx pc=0x%lx", rm->name,
			  address, ip);
	else if (err == -L4_EACCESS)
		moe_print("%s: %s page fault in non-exec region at 0x%lx pc=0x%lx", rm->name,
			  access_name(need), address, ip);
	else if (err == -L4_ENOMEM && rm_find(rm, address))
		moe_print("%s: mapping for page fault failed with error %ld at 0x%lx pc=0x%lx",
			  rm->name, err, address, ip);
	else
		moe_print("%s: unhandled %s page fault at 0x%lx pc=0x%lx", rm->name,
			  access_name(need), address, ip);
}

/* A negative answer makes the kernel raise an exception, which comes to the handler. */
long rm_page_fault(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	l4_umword_t fault = wire_get_word(&request->in), ip = wire_get_word(&request->in);
	uint64_t address = fault & ~(l4_umword_t)FAULT_BITS;
	const struct mapping *m = rm_find(rm, address);
	unsigned need = needed_rights(fault);
	l4_umword_t control;
	l4_fpage_t page;
	long err = check_access(m, need);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!err)
		err = resolve(m, address, need, &control, &page);
	if (err < 0) {
		print_unresolved(rm, address, ip, need, err);
		return err;
	}
	wire_put_item(&request->out, control, page);
	return 0;
}

/* moe gives no ports: programs that need some get them from the io server. */
long rm_io_fault(struct server_object *object, struct server_request *request)
{
	(void)object;
	(void)request;
	return -L4_ENOMEM;
}

static l4_umword_t signal_of(l4_umword_t trap)
{
	switch (trap) {
	case TRAP_DIVIDE:
	case TRAP_OVERFLOW:
	case TRAP_FPU:
	case TRAP_SIMD:
		return SIGNAL_FPE;
	case TRAP_DEBUG:
	case TRAP_BREAKPOINT:
		return SIGNAL_TRAP;
	case TRAP_UNDEFINED:
		return SIGNAL_ILL;
	case TRAP_ALIGNMENT:
		return SIGNAL_BUS;
	default:
		return SIGNAL_SEGV;
	}
}

/* The interrupt cannot block moe, whoever the parent is. */
static void tell_parent(const struct rm *rm)
{
	if (l4_is_valid_cap(rm->parent))
		l4_irq_trigger(rm->parent);
}

/* The thread is not answered: it stays stopped until its task goes. */
long rm_exception(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	const l4_exc_regs_t *r = l4_utcb_exc();

	if (l4_msgtag_words(request->tag) < L4_UTCB_EXCEPTION_REGS_SIZE)
		return -L4_EMSGTOOSHORT;
	if (rm->reports < RM_REPORTS_MAX)
		report_exception(rm);
	rm->reports += rm->reports < RM_REPORTS_MAX;
	if (!rm->fault.signal) {
		rm->fault.signal = signal_of(r->trapno);
		rm->fault.ip = r->ip;
		rm->fault.address = r->trapno == TRAP_PAGE ? r->pfa : 0;
		rm->fault.trapno = r->trapno;
	}
	tell_parent(rm);
	return -L4_ENOREPLY;
}

/* One block of the range a call; the helper function of other systems does not exist here. */
long rm_page_in(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	uint64_t low = wire_get_word(&request->in), high = wire_get_word(&request->in);
	unsigned need = wire_get_u16(&request->in) & DATASPACE_RWX;
	const struct mapping *m = rm_find(rm, low);
	l4_umword_t control;
	l4_fpage_t page;
	long err;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (high < low)
		return -L4_EINVAL;
	err = check_access(m, need & DATASPACE_W ? DATASPACE_W : need ? need : DATASPACE_R);
	if (!err)
		err = resolve(m, low, need & DATASPACE_W, &control, &page);
	if (err < 0)
		return err;
	wire_put_word(&request->out, 0);
	wire_put_item(&request->out, control, page);
	return 0;
}

long rm_set_parent(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	const char *name = wire_get_string(&request->in);
	l4_cap_idx_t irq = L4_INVALID_CAP;
	struct wire_item item;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (request->in.items_left) {
		item = wire_get_cap(&request->in);
		irq = item.kind == WIRE_CAP ? server_keep_cap(request->server, &item)
					    : L4_INVALID_CAP;
		if (!l4_is_valid_cap(irq))
			return item.kind == WIRE_CAP ? -L4_ENOMEM : -L4_EINVAL;
	}
	memset(rm->name, 0, sizeof(rm->name));
	strncpy(rm->name, name, sizeof(rm->name) - 1);
	if (l4_is_valid_cap(rm->parent))
		server_drop_cap(request->server, rm->parent);
	rm->parent = irq;
	if (rm->fault.signal)
		tell_parent(rm);
	return 0;
}

long rm_get_fault(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;

	if (!rm->fault.signal)
		return -L4_ENOENT;
	wire_put_struct(&request->out, &rm->fault, sizeof(rm->fault), sizeof(l4_umword_t));
	return 0;
}

long rm_set_handled(struct server_object *object, struct server_request *request)
{
	struct rm *rm = (struct rm *)object;
	bool handled = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	rm->handled = handled;
	return 0;
}
