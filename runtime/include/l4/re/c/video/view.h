/* SPDX-License-Identifier: MIT */
/* Views: rectangles of a screen that show a part of a buffer. Results: 0, or a negative error. */
#ifndef L4_RE_C_VIDEO_VIEW_H
#define L4_RE_C_VIDEO_VIEW_H

#include <l4/re/c/dataspace.h>
#include <l4/re/c/video/colors.h>
#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* What of a view can be changed, or shall be. */
enum l4re_video_view_info_flags_t {
	F_l4re_video_view_none = 0x00,
	F_l4re_video_view_set_buffer = 0x01,
	F_l4re_video_view_set_buffer_offset = 0x02,
	F_l4re_video_view_set_bytes_per_line = 0x04,
	F_l4re_video_view_set_pixel = 0x08,
	F_l4re_video_view_set_position = 0x10,
	F_l4re_video_view_dyn_allocated = 0x20,
	F_l4re_video_view_set_background = 0x40,
	F_l4re_video_view_set_flags = 0x80,
	F_l4re_video_view_fully_dynamic = 0x3f,

	F_l4re_video_view_above = 0x1000, /* stays on top */
	F_l4re_video_view_flags_mask = 0xff000
};

typedef struct l4re_video_view_info_t {
	unsigned flags; /* of l4re_video_view_info_flags_t */
	unsigned view_index;
	unsigned long xpos, ypos, width, height; /* pixels */
	unsigned long buffer_offset;		 /* bytes, of the upper left pixel */
	unsigned long bytes_per_line;
	l4re_video_pixel_info_t pixel_info;
	unsigned buffer_index;
} l4re_video_view_info_t;

L4_STATIC_ASSERT(sizeof(l4re_video_view_info_t) == 72);

typedef struct l4re_video_view_t {
	l4_cap_idx_t goos;
	unsigned idx;
} l4re_video_view_t;

/* Bring a rectangle of the buffer to the screen. */
L4_CV int l4re_video_view_refresh(l4re_video_view_t *view, int x, int y, int w, int h) L4_NOTHROW;

/* Ask for the properties. */
L4_CV int l4re_video_view_get_info(l4re_video_view_t *view,
				   l4re_video_view_info_t *info) L4_NOTHROW;

/* Set the properties that info->flags names. */
L4_CV int l4re_video_view_set_info(l4re_video_view_t *view,
				   l4re_video_view_info_t *info) L4_NOTHROW;

/* Set place and size on the screen, and the offset in the buffer (bytes). */
L4_CV int l4re_video_view_set_viewport(l4re_video_view_t *view, int x, int y, int w, int h,
				       unsigned long bofs) L4_NOTHROW;

/* Move in the stack of views: before or behind pivot; without pivot to the top or bottom. */
L4_CV int l4re_video_view_stack(l4re_video_view_t *view, l4re_video_view_t *pivot,
				int behind) L4_NOTHROW;

EXTERN_C_END

#endif
