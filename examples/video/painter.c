/* SPDX-License-Identifier: MIT */
/* Video: what the output is like, pixels in a frame buffer, and views, as far as the output has
 * them. */
#include <stdio.h>
#include <string.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/util/video/goos_fb.h>
#include <l4/re/c/video/colors.h>
#include <l4/re/c/video/view.h>
#include "lib/raw_thread.h"

static l4re_video_view_info_t view;

static void describe(l4re_video_goos_t goos)
{
	l4re_video_goos_info_t info;

	check(l4re_video_goos_info(goos, &info), "info");
	printf("%lu x %lu pixels of %d bytes, %u view, %u buffer\n", info.width, info.height,
	       info.pixel_info.bytes_per_pixel, info.num_static_views, info.num_static_buffers);
}

/* A frame with a ramp from black to white in it. */
static void paint(unsigned char *pixels)
{
	for (unsigned long y = 0; y < view.height; y++) {
		unsigned char *row = pixels + view.buffer_offset + y * view.bytes_per_line;

		for (unsigned long x = 0; x < view.width; x++)
			row[x] = (unsigned char)(x * 255 / (view.width - 1));
		if (y == 0 || y == view.height - 1)
			memset(row, 255, view.width);
	}
}

/* An output without views to be made, and with one buffer only. */
static void try_more(l4re_video_goos_t goos)
{
	l4re_ds_t slot = l4re_util_cap_alloc();
	l4re_video_view_t another;

	printf("a second buffer: %s\n",
	       l4sys_errtostr(l4re_video_goos_get_static_buffer(goos, 1, slot)));
	printf("a new view: %s\n", l4sys_errtostr(l4re_video_goos_create_view(goos, &another)));
	check(l4re_video_goos_get_view(goos, 0, &another), "view");
	printf("to move the view: %s\n",
	       l4sys_errtostr(l4re_video_view_set_viewport(&another, 1, 1, 2, 2, 0)));
	check(l4re_video_view_refresh(&another, 28, 3, 4, 1), "refresh of the view");
}

int main(void)
{
	l4re_util_video_goos_fb_t fb;
	unsigned char *pixels;

	check(l4re_util_video_goos_fb_setup_name(&fb, "screen"), "screen");
	describe(l4re_util_video_goos_fb_goos(&fb));
	check(l4re_util_video_goos_fb_view_info(&fb, &view), "view info");
	printf("%d bits of a pixel are colours\n", l4re_video_bits_per_pixel(&view.pixel_info));
	pixels = l4re_util_video_goos_fb_attach_buffer(&fb);
	check(pixels ? 0 : -L4_ENOMEM, "attach");
	paint(pixels);
	check(l4re_util_video_goos_fb_refresh(&fb, 0, 0, (int)view.width, (int)view.height),
	      "refresh");
	try_more(l4re_util_video_goos_fb_goos(&fb));
	l4re_util_video_goos_fb_destroy(&fb);
	return 0;
}
