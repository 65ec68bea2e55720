/* SPDX-License-Identifier: MIT */
/* How colours lie in a pixel. */
#ifndef L4_RE_C_VIDEO_COLORS_H
#define L4_RE_C_VIDEO_COLORS_H

#include <l4/sys/compiler.h>

typedef struct l4re_video_color_component_t {
	unsigned char size;  /* bits; 0: not there */
	unsigned char shift; /* of the lowest bit */
} __attribute__((packed)) l4re_video_color_component_t;

typedef struct l4re_video_pixel_info_t {
	l4re_video_color_component_t r, g, b, a;
	unsigned char bytes_per_pixel;
} l4re_video_pixel_info_t;

L4_STATIC_ASSERT(sizeof(l4re_video_pixel_info_t) == 9);

/* Bits of a pixel that mean something. */
L4_INLINE int l4re_video_bits_per_pixel(l4re_video_pixel_info_t *p) L4_NOTHROW
{
	return p->r.size + p->g.size + p->b.size + p->a.size;
}

#endif
