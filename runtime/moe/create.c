/* SPDX-License-Identifier: MIT */
/* The protocols of factories: create, memory statistics, dump. */
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include "create.h"
#include "dataspace.h"
#include "job.h"
#include "log.h"
#include "log_format.h"
#include "moe.h"
#include "namespace.h"
#include "rm.h"

static struct factory *factory_of(struct server_object *object)
{
	return (struct factory *)object;
}

/* A number as argument; present says if there is one. */
static l4_umword_t get_number(struct server_request *request, bool *present)
{
	struct wire_varg arg;

	*present = wire_get_varg(&request->in, &arg) &&
		   (arg.type == L4_VARG_TYPE_UMWORD || arg.type == L4_VARG_TYPE_MWORD);
	return *present ? arg.value : 0;
}

static long reply_new(struct server_request *request, struct object *object)
{
	return object ? object_reply_new(request, object) : -L4_ENOMEM;
}

/* A negative size of contiguous memory means: all but so many bytes. */
static long real_size(const struct factory *f, l4_mword_t asked, unsigned flags, uint64_t *size)
{
	uint64_t free = quota_left(&f->quota, moe.pages.free_pages << PAGE_SHIFT);

	*size = (uint64_t)asked;
	if (asked > 0)
		return 0;
	if (!asked || !(flags & (DATASPACE_CONTINUOUS | DATASPACE_PINNED)))
		return -L4_ERANGE;
	if ((uint64_t)-asked >= free)
		return -L4_ENOMEM;
	*size = (free - (uint64_t)-asked) & ~(PAGE_BYTES - 1);
	return *size ? 0 : -L4_ENOMEM;
}

static long finish_clearing(struct job *job, struct server_request *request, long result)
{
	return result < 0 ? result : object_reply_new(request, job->to.to);
}

static const struct job_class clearing = { .finish = finish_clearing };

/* Contiguous memory has what its last owner left there. */
static long reply_cleared(struct factory *f, struct server_request *request, struct dataspace *d)
{
	struct dataspace_work work = { .task = DATASPACE_CLEAR, .size = dataspace_rounded_size(d) };
	struct job *job;

	if (dataspace_work(d, NULL, &work) == 0)
		return object_reply_new(request, &d->object);
	job = job_new(f, sizeof(*job), &clearing);
	if (job)
		return job_start(request, job, d, NULL, &work);
	object_kill(&d->object);
	return -L4_ENOMEM;
}

static long create_dataspace(struct factory *f, struct server_request *request)
{
	bool has_size, has_flags, has_align, has_base;
	l4_mword_t asked = (l4_mword_t)get_number(request, &has_size);
	unsigned flags = (unsigned)get_number(request, &has_flags);
	unsigned align = (unsigned)get_number(request, &has_align);
	struct dataspace *d;
	uint64_t size;
	long err;

	get_number(request, &has_base);
	if (!has_size || has_base)
		return -L4_EINVAL;
	err = real_size(f, asked, flags, &size);
	if (err < 0)
		return err;
	d = dataspace_create(f, size, flags, align, &err);
	if (!d)
		return err;
	return d->kind == DATASPACE_CONTIGUOUS ? reply_cleared(f, request, d)
					       : object_reply_new(request, &d->object);
}

static long create_factory(struct factory *f, struct server_request *request)
{
	bool has_limit;
	l4_mword_t limit = (l4_mword_t)get_number(request, &has_limit);
	struct factory *sub;

	if (!has_limit || limit <= 0)
		return -L4_EINVAL;
	sub = factory_create(f, (uint64_t)limit);
	return reply_new(request, sub ? &sub->object : NULL);
}

static long create_log(struct factory *f, struct server_request *request)
{
	struct wire_varg tag, colour;
	unsigned number = LOG_WHITE;

	if (!wire_get_varg(&request->in, &tag) || tag.type != L4_VARG_TYPE_STRING || !tag.length)
		return -L4_EINVAL;
	if (wire_get_varg(&request->in, &colour)) {
		if (colour.type == L4_VARG_TYPE_STRING && colour.length)
			number = log_colour(colour.data);
		else if (colour.type == L4_VARG_TYPE_UMWORD || colour.type == L4_VARG_TYPE_MWORD)
			number = colour.value & 0xf;
	}
	return reply_new(request, log_create(f, tag.data, number));
}

/* Only the root factory makes schedulers: each can give any priority up to its maximum. */
static long create_scheduler(struct factory *f, struct server_request *request)
{
	l4_umword_t mask[SCHEDULER_MASK_WORDS] = { 0 };
	bool has_max, has_base, has_word = true;
	l4_umword_t max, base, word;
	unsigned words = 0;

	if (f != &moe.root)
		return -L4_ENODEV;
	max = get_number(request, &has_max);
	base = get_number(request, &has_base);
	if (!has_max || !has_base)
		return -L4_EINVAL;
	if (max > L4_SCHED_MAX_PRIO || base > L4_SCHED_MAX_PRIO)
		return -L4_ERANGE;
	if (max <= base)
		return -L4_EINVAL;
	while (has_word) {
		word = get_number(request, &has_word);
		if (has_word && words < SCHEDULER_MASK_WORDS)
			mask[words] = word;
		words += has_word;
	}
	for (unsigned i = 0; !words && i < SCHEDULER_MASK_WORDS; i++)
		mask[i] = ~0UL;
	return reply_new(request, scheduler_create(f, (unsigned)max, (unsigned)base, mask));
}

static long create_rm(struct factory *f, struct server_request *request)
{
	bool has_flags;
	l4_umword_t flags = get_number(request, &has_flags);
	struct rm *rm;

	if (has_flags && (flags & ~(l4_umword_t)L4_ZW_RM_F_UPPER_HALF))
		return -L4_EINVAL;
	rm = rm_create(f, has_flags && flags);
	return reply_new(request, rm ? &rm->object : NULL);
}

static long handle_create(struct server_object *object, struct server_request *request)
{
	struct factory *f = factory_of(object);
	long protocol = (long)wire_get_word(&request->in);
	struct namespace *n;

	if (!(request->rights & L4_CAP_FPAGE_S))
		return -L4_EPERM;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	switch (protocol) {
	case L4RE_PROTO_DATASPACE:
		return create_dataspace(f, request);
	case L4RE_PROTO_NAMESPACE:
		n = namespace_create(f);
		return reply_new(request, n ? &n->object : NULL);
	case L4RE_PROTO_RM:
		return create_rm(f, request);
	case L4RE_PROTO_DMA_SPACE:
		return reply_new(request, dma_space_create(f));
	case L4_PROTO_FACTORY:
		return create_factory(f, request);
	case L4_PROTO_LOG:
		return create_log(f, request);
	case L4_PROTO_SCHEDULER:
		return create_scheduler(f, request);
	default:
		return -L4_ENODEV;
	}
}

static long handle_info(struct server_object *object, struct server_request *request)
{
	const struct quota *q = &factory_of(object)->quota;
	uint64_t ram = moe.pages.all_pages << PAGE_SHIFT;

	wire_put_word(&request->out, q->limit);
	wire_put_word(&request->out, q->reserved);
	wire_put_word(&request->out, q->limit < ram ? q->limit : ram);
	wire_put_word(&request->out, q->committed);
	wire_put_word(&request->out, quota_left(q, moe.pages.free_pages << PAGE_SHIFT));
	return 0;
}

static long handle_debug(struct server_object *object, struct server_request *request)
{
	const struct factory *f = factory_of(object);
	unsigned count = 0;

	(void)request;
	for (const struct object *o = f->objects; o; o = o->next)
		count++;
	moe_print("factory: quota %lu used %lu committed %lu objects %u; free pages %lu of %lu",
		  f->quota.limit, f->quota.reserved, f->quota.committed, count,
		  moe.pages.free_pages, moe.pages.all_pages);
	return 0;
}

static const struct server_operation operations[] = { { handle_info, 0 } };

static const struct server_interface interfaces[] = {
	{ L4RE_PROTO_MEM_ALLOC, "N4L4Re9Mem_allocE", NULL, operations, 1 },
	{ L4_PROTO_FACTORY, "N2L47FactoryE", handle_create, NULL, 0 },
	{ L4RE_PROTO_DEBUG, "N4L4Re9Debug_objE", handle_debug, NULL, 0 },
};

const struct server_class factory_class = { interfaces, 3, object_released, NULL };

unsigned moe_reply_rights(void)
{
	return moe.loading ? L4_CAP_FPAGE_RWSD | L4_FPAGE_C_IPCGATE_SVR : L4_CAP_FPAGE_RWSD;
}
