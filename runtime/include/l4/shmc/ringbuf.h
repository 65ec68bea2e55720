/* SPDX-License-Identifier: MIT */
/*
 * Packets through a ring in shared memory, from one sender to one receiver. The sender makes the
 * ring, a chunk of the area with two signals: one for data, one for room. Packets keep their
 * length; a packet can lie across the end of the ring.
 */
#ifndef L4_SHMC_RINGBUF_H
#define L4_SHMC_RINGBUF_H

#include <l4/shmc/shmc.h>
#include <l4/sys/l4int.h>

EXTERN_C_BEGIN

/* Begin of the ring in shared memory. Its data follow; positions are bytes in them, below
 * data_size. */
typedef struct {
	volatile l4_uint32_t lock; /* of l4shmc_rb_lock_value */
	unsigned data_size;
	unsigned next_read;
	unsigned next_write;
	unsigned bytes_filled; /* with packet headers; what was committed */
	unsigned sender_waits; /* the sender wants a signal when there is room */
} l4shmc_ringbuf_head_t;

/* The data of a ring, data_size bytes. */
L4_INLINE char *l4shmc_rb_data(l4shmc_ringbuf_head_t *head) L4_NOTHROW
{
	return (char *)(head + 1);
}

enum l4shmc_rb_lock_value { L4SHMC_RB_LOCKED = 5, L4SHMC_RB_UNLOCKED = 6 };

typedef struct {
	l4shmc_area_t *_area;
	l4_cap_idx_t _owner; /* thread that its signal wakes */
	l4shmc_chunk_t _chunk;
	unsigned _size; /* bytes of data */
	l4shmc_ringbuf_head_t *_addr;
	l4shmc_signal_t _signal_full;  /* there is data */
	l4shmc_signal_t _signal_empty; /* there is room */
} l4shmc_ringbuf_t;

#define L4SHMC_RINGBUF_HEAD(ringbuf)	  ((ringbuf)->_addr)
#define L4SHMC_RINGBUF_DATA(ringbuf)	  (L4SHMC_RINGBUF_HEAD(ringbuf)->data)
#define L4SHMC_RINGBUF_DATA_SIZE(ringbuf) ((ringbuf)->_size)

/* --- Sender --- */

/*
 * Make a ring for size bytes (packets and 4 bytes for each, rounded up to 4) and its signals
 * signal_name_tx and signal_name_rx (at most 12 characters before). 0, or an error.
 */
L4_CV int l4shmc_rb_init_buffer(l4shmc_ringbuf_t *buf, l4shmc_area_t *area, char const *chunk_name,
				char const *signal_name, unsigned size);

/* Forget the ring; it stays in the area. */
L4_CV void l4shmc_rb_deinit_buffer(l4shmc_ringbuf_t *buf);

/* The sender's thread, which waits for room. 0, or an error. */
L4_CV int l4shmc_rb_attach_sender(l4shmc_ringbuf_t *buf, char const *signal_name,
				  l4_cap_idx_t owner);

/*
 * Append a packet; without room wait, if block_if_necessary, or return -L4_ENOMEM. It is there for
 * the receiver with the next commit. -L4_EINVAL: it will never fit.
 */
L4_CV int l4shmc_rb_sender_next_copy_in(l4shmc_ringbuf_t *buf, char *data, unsigned size,
					int block_if_necessary);

/* Tell the receiver of what was appended. */
L4_CV void l4shmc_rb_sender_commit_packet(l4shmc_ringbuf_t *buf);

/* --- Receiver --- */

/* Find the ring that a sender has made. 0, or an error. */
L4_CV int l4shmc_rb_init_receiver(l4shmc_ringbuf_t *buf, l4shmc_area_t *area,
				  char const *chunk_name, char const *signal_name);

/* The receiver's thread, which waits for data. */
L4_CV void l4shmc_rb_attach_receiver(l4shmc_ringbuf_t *buf, l4_cap_idx_t owner);

/* 0 if there is a packet; without one wait, if blocking, or return -L4_ENOENT. */
L4_CV int l4shmc_rb_receiver_wait_for_data(l4shmc_ringbuf_t *buf, int blocking);

/*
 * Copy the next packet out; *tsize is the room, and becomes the length. 0, -L4_ENOENT, -L4_ENOMEM:
 * too little room, -L4_EINVAL: the ring is broken.
 */
L4_CV int l4shmc_rb_receiver_copy_out(l4shmc_ringbuf_t *buf, char *target, unsigned *tsize);

/* Tell the sender that there is room. */
L4_CV void l4shmc_rb_receiver_notify_done(l4shmc_ringbuf_t *buf);

/* Length of the next packet, or -1. */
L4_CV int l4shmc_rb_receiver_read_next_size(l4shmc_ringbuf_t *buf);

EXTERN_C_END

#endif
