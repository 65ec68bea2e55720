/* SPDX-License-Identifier: MIT */
/* A frame buffer on the whole of a graphical output, whatever that output can do. */
#ifndef L4_RE_C_UTIL_VIDEO_GOOS_FB_H
#define L4_RE_C_UTIL_VIDEO_GOOS_FB_H

#include <l4/re/c/dataspace.h>
#include <l4/re/c/video/goos.h>
#include <l4/sys/compiler.h>
#include <l4/sys/err.h>

EXTERN_C_BEGIN

typedef struct {
	unsigned long _obj_buf[6];
} l4re_util_video_goos_fb_t;

/* Open the output of that name (environment, or a path that begins there). 0, or an error. */
L4_CV int l4re_util_video_goos_fb_setup_name(l4re_util_video_goos_fb_t *goosfb,
					     char const *name) L4_NOTHROW;

/* Detach the buffer, delete what was made, give capabilities back. */
L4_CV void l4re_util_video_goos_fb_destroy(l4re_util_video_goos_fb_t *goosfb) L4_NOTHROW;

/* Properties of its view. 0, or an error. */
L4_CV int l4re_util_video_goos_fb_view_info(l4re_util_video_goos_fb_t *goosfb,
					    l4re_video_view_info_t *info) L4_NOTHROW;

/* Map the pixels; NULL for an error. */
L4_CV void *l4re_util_video_goos_fb_attach_buffer(l4re_util_video_goos_fb_t *goosfb) L4_NOTHROW;

/* Bring a rectangle to the screen. 0, or an error. */
L4_CV int l4re_util_video_goos_fb_refresh(l4re_util_video_goos_fb_t *goosfb, int x, int y, int w,
					  int h) L4_NOTHROW;

/* Dataspace of the pixels. */
L4_CV l4re_ds_t l4re_util_video_goos_fb_buffer(l4re_util_video_goos_fb_t *goosfb) L4_NOTHROW;

/* The output. */
L4_CV l4_cap_idx_t l4re_util_video_goos_fb_goos(l4re_util_video_goos_fb_t *goosfb) L4_NOTHROW;

EXTERN_C_END

#endif
