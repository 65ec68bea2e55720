/* SPDX-License-Identifier: MIT */
/*
 * Packets through a ring. Each side keeps to its own position and to its own copy of the ring's
 * size; the number of bytes in between is changed under the lock. A number that a partner has
 * spoiled is found out before it is used.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <l4/shmc/ringbuf.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/util/util.h>

enum { HEADER = sizeof(l4_uint32_t), NAME = L4SHMC_NAME_STRINGLEN };

static unsigned padded(unsigned n)
{
	return (n + HEADER - 1) & ~(unsigned)(HEADER - 1);
}

static void lock_ring(l4shmc_ringbuf_head_t *h)
{
	l4_uint32_t unlocked = L4SHMC_RB_UNLOCKED;

	while (!__atomic_compare_exchange_n(&h->lock, &unlocked, L4SHMC_RB_LOCKED, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		unlocked = L4SHMC_RB_UNLOCKED;
		l4_sleep(1);
	}
}

static void unlock_ring(l4shmc_ringbuf_head_t *h)
{
	__atomic_store_n(&h->lock, L4SHMC_RB_UNLOCKED, __ATOMIC_RELEASE);
}

/* Bytes in the ring; all of it if the number is spoiled. */
static unsigned filled(const l4shmc_ringbuf_t *buf)
{
	unsigned n = __atomic_load_n(&buf->_addr->bytes_filled, __ATOMIC_RELAXED);

	return n < buf->_size ? n : buf->_size;
}

static int make_names(char tx[NAME], char rx[NAME], const char *base)
{
	if (strlen(base) + 4 > NAME)
		return -L4_EINVAL;
	snprintf(tx, NAME, "%s_tx", base);
	snprintf(rx, NAME, "%s_rx", base);
	return 0;
}

/* --- Copying across the end --- */

static void copy_in(l4shmc_ringbuf_t *buf, unsigned at, const void *data, unsigned n)
{
	unsigned first = buf->_size - at < n ? buf->_size - at : n;

	memcpy(l4shmc_rb_data(buf->_addr) + at, data, first);
	memcpy(l4shmc_rb_data(buf->_addr), (const char *)data + first, n - first);
}

static void copy_out(const l4shmc_ringbuf_t *buf, unsigned at, void *data, unsigned n)
{
	unsigned first = buf->_size - at < n ? buf->_size - at : n;

	memcpy(data, l4shmc_rb_data(buf->_addr) + at, first);
	memcpy((char *)data + first, l4shmc_rb_data(buf->_addr), n - first);
}

/* --- Sender --- */

int l4shmc_rb_init_buffer(l4shmc_ringbuf_t *buf, l4shmc_area_t *area, char const *chunk_name,
			  char const *signal_name, unsigned size)
{
	char tx[NAME], rx[NAME];
	long result = make_names(tx, rx, signal_name);

	memset(buf, 0, sizeof(*buf));
	if (result < 0 || !size || size > ~0U >> 1)
		return -L4_EINVAL;
	buf->_area = area;
	buf->_size = padded(size);
	result = l4shmc_add_signal(area, tx, &buf->_signal_full);
	if (result >= 0)
		result = l4shmc_add_signal(area, rx, &buf->_signal_empty);
	if (result >= 0)
		result = l4shmc_add_chunk(area, chunk_name, sizeof(*buf->_addr) + buf->_size,
					  &buf->_chunk);
	if (result < 0)
		return (int)result;
	buf->_addr = l4shmc_chunk_ptr(&buf->_chunk);
	buf->_addr->data_size = buf->_size;
	unlock_ring(buf->_addr);
	return 0;
}

void l4shmc_rb_deinit_buffer(l4shmc_ringbuf_t *buf)
{
	memset(buf, 0, sizeof(*buf));
}

int l4shmc_rb_attach_sender(l4shmc_ringbuf_t *buf, char const *signal_name, l4_cap_idx_t owner)
{
	char tx[NAME], rx[NAME];
	int result = make_names(tx, rx, signal_name);

	if (result < 0)
		return result;
	buf->_owner = owner;
	return (int)l4shmc_attach_signal(buf->_area, rx, owner, &buf->_signal_empty);
}

/* Room for n bytes; if not, whether the receiver shall signal is noted under the same lock. */
static bool has_room(l4shmc_ringbuf_t *buf, unsigned n, bool will_wait)
{
	l4shmc_ringbuf_head_t *h = buf->_addr;
	bool room;

	lock_ring(h);
	room = buf->_size - filled(buf) >= n;
	h->sender_waits = !room && will_wait;
	unlock_ring(h);
	return room;
}

static void append(l4shmc_ringbuf_t *buf, const char *data, unsigned size)
{
	l4shmc_ringbuf_head_t *h = buf->_addr;
	unsigned at = h->next_write % buf->_size & ~(unsigned)(HEADER - 1);
	l4_uint32_t header = size;

	copy_in(buf, at, &header, HEADER);
	copy_in(buf, (at + HEADER) % buf->_size, data, size);
	lock_ring(h);
	h->next_write = (at + HEADER + padded(size)) % buf->_size;
	h->bytes_filled = filled(buf) + HEADER + padded(size);
	unlock_ring(h);
}

int l4shmc_rb_sender_next_copy_in(l4shmc_ringbuf_t *buf, char *data, unsigned size,
				  int block_if_necessary)
{
	if (size > buf->_size || HEADER + padded(size) > buf->_size)
		return -L4_EINVAL;
	while (!has_room(buf, HEADER + padded(size), block_if_necessary)) {
		long result;

		if (!block_if_necessary)
			return -L4_ENOMEM;
		l4shmc_rb_sender_commit_packet(buf);
		result = l4shmc_wait_signal(&buf->_signal_empty);
		if (result < 0)
			return (int)result;
	}
	append(buf, data, size);
	return 0;
}

void l4shmc_rb_sender_commit_packet(l4shmc_ringbuf_t *buf)
{
	l4shmc_trigger(&buf->_signal_full);
}

/* --- Receiver --- */

int l4shmc_rb_init_receiver(l4shmc_ringbuf_t *buf, l4shmc_area_t *area, char const *chunk_name,
			    char const *signal_name)
{
	char tx[NAME], rx[NAME];
	long result = make_names(tx, rx, signal_name), capacity;

	memset(buf, 0, sizeof(*buf));
	buf->_area = area;
	if (result >= 0)
		result = l4shmc_get_chunk(area, chunk_name, &buf->_chunk);
	if (result >= 0)
		result = l4shmc_get_signal(area, tx, &buf->_signal_full);
	if (result >= 0)
		result = l4shmc_get_signal(area, rx, &buf->_signal_empty);
	if (result < 0)
		return (int)result;
	capacity = l4shmc_chunk_capacity(&buf->_chunk);
	buf->_addr = l4shmc_chunk_ptr(&buf->_chunk);
	if (capacity < (long)sizeof(*buf->_addr) + HEADER)
		return -L4_EINVAL;
	buf->_size = buf->_addr->data_size;
	if (!buf->_size || buf->_size % HEADER ||
	    buf->_size > (size_t)capacity - sizeof(*buf->_addr))
		return -L4_EINVAL;
	return 0;
}

void l4shmc_rb_attach_receiver(l4shmc_ringbuf_t *buf, l4_cap_idx_t owner)
{
	l4shmc_signal_t *s = &buf->_signal_full;

	buf->_owner = owner;
	l4_rcv_ep_bind_thread(s->cap, owner, (l4_umword_t)s);
}

/* Length and place of the next packet; false if there is none or its length is impossible. */
static bool peek(const l4shmc_ringbuf_t *buf, unsigned *at, l4_uint32_t *size, bool *broken)
{
	unsigned there;

	lock_ring(buf->_addr);
	there = filled(buf);
	unlock_ring(buf->_addr);
	*broken = false;
	if (there < HEADER)
		return false;
	*at = buf->_addr->next_read % buf->_size & ~(unsigned)(HEADER - 1);
	copy_out(buf, *at, size, HEADER);
	*broken = *size > there - HEADER || padded(*size) > there - HEADER;
	return !*broken;
}

int l4shmc_rb_receiver_wait_for_data(l4shmc_ringbuf_t *buf, int blocking)
{
	while (filled(buf) < HEADER) {
		long result = blocking ? l4shmc_wait_signal(&buf->_signal_full) : -L4_ENOENT;

		if (result < 0)
			return (int)result;
	}
	return 0;
}

int l4shmc_rb_receiver_copy_out(l4shmc_ringbuf_t *buf, char *target, unsigned *tsize)
{
	l4shmc_ringbuf_head_t *h = buf->_addr;
	l4_uint32_t size;
	unsigned at;
	bool broken;

	if (!peek(buf, &at, &size, &broken))
		return broken ? -L4_EINVAL : -L4_ENOENT;
	if (size > *tsize)
		return -L4_ENOMEM;
	copy_out(buf, (at + HEADER) % buf->_size, target, size);
	*tsize = size;
	lock_ring(h);
	h->next_read = (at + HEADER + padded(size)) % buf->_size;
	h->bytes_filled = filled(buf) - HEADER - padded(size);
	unlock_ring(h);
	return 0;
}

void l4shmc_rb_receiver_notify_done(l4shmc_ringbuf_t *buf)
{
	bool waits;

	lock_ring(buf->_addr);
	waits = buf->_addr->sender_waits;
	buf->_addr->sender_waits = 0;
	unlock_ring(buf->_addr);
	if (waits)
		l4shmc_trigger(&buf->_signal_empty);
}

int l4shmc_rb_receiver_read_next_size(l4shmc_ringbuf_t *buf)
{
	l4_uint32_t size;
	unsigned at;
	bool broken;

	return peek(buf, &at, &size, &broken) ? (int)size : -1;
}
