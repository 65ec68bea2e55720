/* SPDX-License-Identifier: MIT */
/* Unpacking of kernels with the libraries of their formats. */
#include <lz4.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "vmm/image.h"

enum { WORK_ALIGN = 64, SIZE_BYTES = 4, LZ4_BLOCK_BYTES = 8 << 20 };

static const char damaged[] = "is damaged: it cannot be unpacked";
static const char no_memory[] = "cannot be unpacked: the guest has too little memory";
static const char wrong_size[] = "has another size when unpacked than it says";

/* What the caller gives to work with; pieces are not given back one by one. */
struct work {
	uint8_t *at;
	size_t left;
};

struct job {
	const uint8_t *in;
	size_t in_bytes;
	uint8_t *out;
	size_t out_bytes;
	struct work work;
};

static void *work_alloc(struct work *w, size_t bytes)
{
	size_t wanted = (bytes + WORK_ALIGN - 1) & ~(size_t)(WORK_ALIGN - 1);
	void *piece = w->at;

	if (wanted < bytes || wanted > w->left)
		return NULL;
	w->at += wanted;
	w->left -= wanted;
	return piece;
}

/* --- gzip --- */

static voidpf zlib_alloc(voidpf context, uInt count, uInt bytes)
{
	return work_alloc(context, (size_t)count * bytes);
}

static void zlib_free(voidpf context, voidpf piece)
{
	(void)context;
	(void)piece;
}

static const char *gzip(struct job *j)
{
	enum { GZIP_WINDOW = 16 + 15 };
	z_stream s = { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = &j->work };
	int result;

	s.next_in = (Bytef *)j->in;
	s.avail_in = (uInt)j->in_bytes;
	s.next_out = j->out;
	s.avail_out = (uInt)j->out_bytes;
	if (inflateInit2(&s, GZIP_WINDOW) != Z_OK)
		return no_memory;
	result = inflate(&s, Z_FINISH);
	if (result == Z_MEM_ERROR)
		return no_memory;
	if (result == Z_STREAM_END && !s.avail_out)
		return NULL;
	return result == Z_STREAM_END || !s.avail_out ? wrong_size : damaged;
}

/* --- xz, lzma --- */

static void *lzma_work(void *context, size_t count, size_t bytes)
{
	size_t all;

	return __builtin_mul_overflow(count, bytes, &all) ? NULL : work_alloc(context, all);
}

static void lzma_keep(void *context, void *piece)
{
	(void)context;
	(void)piece;
}

static const char *run_lzma(struct job *j, bool alone)
{
	const lzma_allocator allocator = { lzma_work, lzma_keep, &j->work };
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret result;

	s.allocator = &allocator;
	s.next_in = j->in;
	s.avail_in = j->in_bytes;
	s.next_out = j->out;
	s.avail_out = j->out_bytes;
	result =
	    alone ? lzma_alone_decoder(&s, UINT64_MAX) : lzma_stream_decoder(&s, UINT64_MAX, 0);
	while (result == LZMA_OK && (s.avail_in || !s.avail_out))
		result = lzma_code(&s, LZMA_RUN);
	lzma_end(&s);
	if (result == LZMA_MEM_ERROR)
		return no_memory;
	if (result == LZMA_STREAM_END)
		return s.avail_out ? wrong_size : NULL;
	return s.avail_out ? damaged : wrong_size;
}

static const char *xz(struct job *j)
{
	return run_lzma(j, false);
}

static const char *lzma(struct job *j)
{
	return run_lzma(j, true);
}

/* --- lz4 --- */

/* The magic number, then blocks: their packed size, their bytes. Each has 8 MiB but the last. */
static const char *lz4(struct job *j)
{
	size_t at = 4, done = 0;

	while (done < j->out_bytes) {
		size_t room = j->out_bytes - done;
		uint32_t bytes;
		int result;

		if (j->in_bytes - at < sizeof(bytes))
			return damaged;
		memcpy(&bytes, j->in + at, sizeof(bytes));
		at += sizeof(bytes);
		if (bytes > j->in_bytes - at)
			return damaged;
		room = room < LZ4_BLOCK_BYTES ? room : LZ4_BLOCK_BYTES;
		result = LZ4_decompress_safe((const char *)j->in + at, (char *)j->out + done,
					     (int)bytes, (int)room);
		if (result <= 0)
			return damaged;
		at += bytes;
		done += (size_t)result;
	}
	return at + SIZE_BYTES < j->in_bytes ? wrong_size : NULL;
}

/* --- zstd --- */

static const char *zstd(struct job *j)
{
	size_t result, bytes = ZSTD_findFrameCompressedSize(j->in, j->in_bytes);
	size_t work_bytes = ZSTD_estimateDCtxSize();
	void *work = work_alloc(&j->work, work_bytes);
	ZSTD_DCtx *context = work ? ZSTD_initStaticDCtx(work, work_bytes) : NULL;

	if (!context)
		return no_memory;
	if (ZSTD_isError(bytes))
		return damaged;
	result = ZSTD_decompressDCtx(context, j->out, j->out_bytes, j->in, bytes);
	if (ZSTD_isError(result))
		return damaged;
	return result == j->out_bytes ? NULL : wrong_size;
}

static const char *copy(struct job *j)
{
	memcpy(j->out, j->in, j->out_bytes);
	return NULL;
}

const char *image_unpack(const void *file, const struct image *image, void *out, void *work,
			 size_t *work_bytes)
{
	static const char *(*const decoders[])(struct job *) = {
		[PACKING_NONE] = copy, [PACKING_GZIP] = gzip, [PACKING_XZ] = xz,
		[PACKING_LZMA] = lzma, [PACKING_LZ4] = lz4,   [PACKING_ZSTD] = zstd,
	};
	size_t skip = -(uintptr_t)work & (WORK_ALIGN - 1);
	size_t room = *work_bytes > skip ? *work_bytes - skip : 0;
	struct job job = { .in = (const uint8_t *)file + image->offset,
			   .in_bytes = image->bytes,
			   .out = out,
			   .out_bytes = image->unpacked,
			   .work = { (uint8_t *)work + skip, room } };
	const char *wrong = decoders[image->packing](&job);

	*work_bytes = (size_t)(job.work.at - (uint8_t *)work);
	return wrong;
}
