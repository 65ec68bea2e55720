/* SPDX-License-Identifier: MIT */
/* Jobs, one after the other. */
#include <l4/sys/err.h>
#include "factory.h"
#include "job.h"
#include "moe.h"

static struct job *first;

const struct job_class job_plain = { NULL, NULL };

static void enqueue(struct job *job)
{
	struct job **at = &first;

	while (*at)
		at = &(*at)->next;
	job->next = NULL;
	*at = job;
}

static void dequeue(struct job *job)
{
	struct job **at = &first;

	while (*at && *at != job)
		at = &(*at)->next;
	if (*at)
		*at = job->next;
}

static long finish(struct job *job, struct server_request *request, long result)
{
	job->answered = true;
	return job->class->finish ? job->class->finish(job, request, result) : result;
}

static void answer(struct job *job, long result)
{
	struct server_request request = { .server = &moe.server };

	result = finish(job, &request, result);
	server_answer(&request, job->reply, result);
}

/* Its factory ends, or it is done. */
static bool destroy(struct object *object)
{
	struct job *job = (struct job *)object;

	dequeue(job);
	if (!job->answered)
		answer(job, -L4_ENOENT);
	if (job->class->release)
		job->class->release(job);
	reference_clear(&job->to);
	reference_clear(&job->from);
	factory_free(object->factory, job);
	return true;
}

struct job *job_new(struct factory *f, size_t bytes, const struct job_class *class)
{
	struct job *job = factory_alloc(f, bytes);

	if (!job)
		return NULL;
	object_init(&job->object, NULL, f, destroy);
	job->class = class;
	return job;
}

static bool is_missing(const struct job *job)
{
	return !job->to.to || (job->work.task == DATASPACE_COPY && !job->from.to);
}

static long do_piece(struct job *job)
{
	if (is_missing(job))
		return -L4_ENOENT;
	return dataspace_work((struct dataspace *)job->to.to, (struct dataspace *)job->from.to,
			      &job->work);
}

long job_start(struct server_request *request, struct job *job, struct dataspace *to,
	       struct dataspace *from, const struct dataspace_work *work)
{
	long result;

	reference_set(&job->to, &to->object);
	if (from)
		reference_set(&job->from, &from->object);
	job->work = *work;
	if (server_defer(request, &job->reply)) {
		enqueue(job);
		moe.server.work_left = true;
		return -L4_ENOREPLY;
	}
	do
		result = do_piece(job);
	while (result > 0);
	result = finish(job, request, result);
	object_kill(&job->object);
	return result;
}

long job_run(struct server_request *request, struct dataspace *to, struct dataspace *from,
	     struct dataspace_work work)
{
	long result = dataspace_work(to, from, &work);
	struct job *job;

	if (result <= 0)
		return result;
	job = job_new(to->object.factory, sizeof(*job), &job_plain);
	return job ? job_start(request, job, to, from, &work) : -L4_ENOMEM;
}

bool job_work(void)
{
	struct job *job = first;
	long result;

	if (!job)
		return false;
	first = job->next;
	if (!job->object.link) /* it is being destroyed, and its client told then */
		return first;
	result = do_piece(job);
	if (result > 0) {
		enqueue(job);
	} else {
		answer(job, result);
		object_kill(&job->object);
	}
	return first;
}
