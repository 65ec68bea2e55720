/* SPDX-License-Identifier: MIT */
/*
 * Long work on dataspaces that a client has asked for. The first piece is done at once; what is
 * left becomes a job, of which a piece is done between two requests, and the client is answered at
 * the end. All jobs go on in turn.
 *
 * A job belongs to the factory that pays for its dataspace, and refers to the dataspaces: those
 * that no client has any more are kept until it is done; it ends with -L4_ENOENT when one of them,
 * or the factory, is destroyed.
 */
#ifndef MOE_JOB_H
#define MOE_JOB_H

#include "dataspace.h"

struct job;

struct job_class {
	/*
	 * The work is done (result 0) or has failed. Writes the answer to request->out and returns
	 * its label, like a handler. NULL: the result is the answer.
	 */
	long (*finish)(struct job *job, struct server_request *request, long result);
	/* Give back what the job has, after finish or instead of it. NULL: nothing. */
	void (*release)(struct job *job);
};

struct job {
	struct object object; /* first */
	const struct job_class *class;
	struct reference to, from;
	struct dataspace_work work;
	l4_cap_idx_t reply;
	bool answered;
	struct job *next; /* in turn */
};

extern const struct job_class job_plain;

/* A job, zeros in the rest of the bytes (at least those of struct job). NULL: no memory. */
struct job *job_new(struct factory *f, size_t bytes, const struct job_class *class);

/*
 * Begin the job, which belongs to the call from then on, with the work that is left; from: NULL
 * unless something is copied. If too many clients wait already it is done at once.
 * Returns what the handler of the request returns.
 */
long job_start(struct server_request *request, struct job *job, struct dataspace *to,
	       struct dataspace *from, const struct dataspace_work *work);

/* Do the work and answer with its result, with a job if it is long. As job_start(). */
long job_run(struct server_request *request, struct dataspace *to, struct dataspace *from,
	     struct dataspace_work work);

/* Do a piece of the job whose turn it is; is more left? */
bool job_work(void);

#endif
