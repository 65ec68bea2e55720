/* SPDX-License-Identifier: MIT */
/* The consumer's side of an event ring. One thread at a time. */
#ifndef L4_RE_C_EVENT_BUFFER_H
#define L4_RE_C_EVENT_BUFFER_H

#include <l4/re/c/event.h>

EXTERN_C_BEGIN

typedef struct l4re_event_buffer_consumer_t {
	unsigned long _obj_buf[8];
} l4re_event_buffer_consumer_t;

typedef L4_CV void l4re_event_buffer_cb_t(l4re_event_t *ev, void *data);

/* Map the ring of dataspace ds with region map rm. 0, or an error. */
L4_CV long l4re_event_buffer_attach(l4re_event_buffer_consumer_t *evbuf, l4re_ds_t ds,
				    l4_cap_idx_t rm) L4_NOTHROW;

/* Undo that; the capability stays. 0, or an error. */
L4_CV long l4re_event_buffer_detach(l4re_event_buffer_consumer_t *evbuf,
				    l4_cap_idx_t rm) L4_NOTHROW;

/* The next event, which the caller frees; NULL if there is none. */
L4_CV l4re_event_t *l4re_event_buffer_next(l4re_event_buffer_consumer_t *evbuf) L4_NOTHROW;

/* Give the element back to the producer. */
L4_CV void l4re_event_free(l4re_event_t *e) L4_NOTHROW;

/* Call cb for each event that is there, and free it. */
L4_CV void l4re_event_buffer_consumer_foreach_available_event(l4re_event_buffer_consumer_t *evbuf,
							      void *data,
							      l4re_event_buffer_cb_t *cb);

/*
 * Bind the interrupt to the thread, which must be the calling one, and call cb for each event, for
 * ever; returns only if the interrupt cannot be bound or waited for.
 */
L4_CV void l4re_event_buffer_consumer_process(l4re_event_buffer_consumer_t *evbuf, l4_cap_idx_t irq,
					      l4_cap_idx_t thread, void *data,
					      l4re_event_buffer_cb_t *cb);

EXTERN_C_END

#endif
