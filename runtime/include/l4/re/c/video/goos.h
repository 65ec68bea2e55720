/* SPDX-License-Identifier: MIT */
/* Goos: a graphical output. Results: 0 or an index, or a negative error. */
#ifndef L4_RE_C_VIDEO_GOOS_H
#define L4_RE_C_VIDEO_GOOS_H

#include <l4/re/c/dataspace.h>
#include <l4/re/c/video/colors.h>
#include <l4/re/c/video/view.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

enum l4re_video_goos_info_flags_t {
	F_l4re_video_goos_auto_refresh = 1, /* refresh is not needed */
	F_l4re_video_goos_pointer = 2,	    /* has a mouse pointer */
	F_l4re_video_goos_dynamic_views = 4,
	F_l4re_video_goos_dynamic_buffers = 8
};

typedef struct {
	unsigned long width, height; /* pixels */
	unsigned flags;		     /* of l4re_video_goos_info_flags_t */
	unsigned num_static_views;
	unsigned num_static_buffers;
	l4re_video_pixel_info_t pixel_info;
} l4re_video_goos_info_t;

L4_STATIC_ASSERT(sizeof(l4re_video_goos_info_t) == 40);

typedef l4_cap_idx_t l4re_video_goos_t;

/* Ask for the properties. */
L4_CV int l4re_video_goos_info(l4re_video_goos_t goos, l4re_video_goos_info_t *ginfo) L4_NOTHROW;

/* Bring a rectangle to the screen. */
L4_CV int l4re_video_goos_refresh(l4re_video_goos_t goos, int x, int y, int w, int h) L4_NOTHROW;

/* Make a buffer of size bytes; its dataspace goes to the slot. Index of the buffer. */
L4_CV int l4re_video_goos_create_buffer(l4re_video_goos_t goos, unsigned long size,
					l4_cap_idx_t buffer) L4_NOTHROW;

/* Delete the buffer with that index. */
L4_CV int l4re_video_goos_delete_buffer(l4re_video_goos_t goos, unsigned idx) L4_NOTHROW;

/* The dataspace of a buffer that is always there goes to the slot. */
L4_CV int l4re_video_goos_get_static_buffer(l4re_video_goos_t goos, unsigned idx,
					    l4_cap_idx_t buffer) L4_NOTHROW;

/* Make a view. */
L4_CV int l4re_video_goos_create_view(l4re_video_goos_t goos, l4re_video_view_t *view) L4_NOTHROW;

/* Delete it. */
L4_CV int l4re_video_goos_delete_view(l4re_video_goos_t goos, l4re_video_view_t *view) L4_NOTHROW;

/* Name the view with that index; the server is not asked. */
L4_CV int l4re_video_goos_get_view(l4re_video_goos_t goos, unsigned idx,
				   l4re_video_view_t *view) L4_NOTHROW;

EXTERN_C_END

#endif
