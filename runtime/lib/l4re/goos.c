/* SPDX-License-Identifier: MIT */
/* Client of the video protocol: outputs and views. */
#include <l4/re/c/video/goos.h>
#include <l4/re/protocols.h>
#include "l4re/request.h"

enum {
	GOOS_INFO,
	GOOS_STATIC_BUFFER,
	GOOS_CREATE_BUFFER,
	GOOS_CREATE_VIEW,
	GOOS_DELETE_BUFFER,
	GOOS_DELETE_VIEW,
	GOOS_VIEW_INFO,
	GOOS_SET_VIEW_INFO,
	GOOS_VIEW_STACK,
	GOOS_VIEW_REFRESH,
	GOOS_REFRESH
};

enum { NO_PIVOT = 0xffffffff };

static int call_goos(l4_cap_idx_t goos, const struct wire_out *o, struct wire_in *in)
{
	return (int)call_plain(goos, o, L4RE_PROTO_GOOS, in);
}

int l4re_video_goos_info(l4re_video_goos_t goos, l4re_video_goos_info_t *ginfo)
{
	struct wire_out o = request(GOOS_INFO);
	struct wire_in in;
	int result = call_goos(goos, &o, &in);

	if (result >= 0)
		wire_get_struct(&in, ginfo, sizeof(*ginfo), sizeof(ginfo->width));
	return (int)read_result(result, &in);
}

static void put_rectangle(struct wire_out *o, int x, int y, int w, int h)
{
	wire_put_u32(o, (l4_uint32_t)x);
	wire_put_u32(o, (l4_uint32_t)y);
	wire_put_u32(o, (l4_uint32_t)w);
	wire_put_u32(o, (l4_uint32_t)h);
}

int l4re_video_goos_refresh(l4re_video_goos_t goos, int x, int y, int w, int h)
{
	struct wire_out o = request(GOOS_REFRESH);

	put_rectangle(&o, x, y, w, h);
	return call_goos(goos, &o, NULL);
}

int l4re_video_goos_create_buffer(l4re_video_goos_t goos, unsigned long size, l4_cap_idx_t buffer)
{
	struct wire_out o = request(GOOS_CREATE_BUFFER);

	wire_put_word(&o, size);
	wire_expect_cap(buffer & L4_CAP_MASK);
	return (int)wire_call(goos, &o, L4RE_PROTO_GOOS, NULL);
}

int l4re_video_goos_get_static_buffer(l4re_video_goos_t goos, unsigned idx, l4_cap_idx_t buffer)
{
	struct wire_out o = request(GOOS_STATIC_BUFFER);

	wire_put_u32(&o, idx);
	wire_expect_cap(buffer & L4_CAP_MASK);
	return (int)wire_call(goos, &o, L4RE_PROTO_GOOS, NULL);
}

static int delete_index(l4_cap_idx_t goos, unsigned operation, unsigned idx)
{
	struct wire_out o = request(operation);

	wire_put_u32(&o, idx);
	return call_goos(goos, &o, NULL);
}

int l4re_video_goos_delete_buffer(l4re_video_goos_t goos, unsigned idx)
{
	return delete_index(goos, GOOS_DELETE_BUFFER, idx);
}

int l4re_video_goos_create_view(l4re_video_goos_t goos, l4re_video_view_t *view)
{
	struct wire_out o = request(GOOS_CREATE_VIEW);
	int result = call_goos(goos, &o, NULL);

	if (result < 0)
		return result;
	view->goos = goos;
	view->idx = (unsigned)result;
	return 0;
}

int l4re_video_goos_delete_view(l4re_video_goos_t goos, l4re_video_view_t *view)
{
	int result = delete_index(goos, GOOS_DELETE_VIEW, view->idx);

	if (result >= 0)
		view->goos = L4_INVALID_CAP;
	return result;
}

int l4re_video_goos_get_view(l4re_video_goos_t goos, unsigned idx, l4re_video_view_t *view)
{
	view->goos = goos;
	view->idx = idx;
	return 0;
}

int l4re_video_view_refresh(l4re_video_view_t *view, int x, int y, int w, int h)
{
	struct wire_out o = request(GOOS_VIEW_REFRESH);

	wire_put_u32(&o, view->idx);
	put_rectangle(&o, x, y, w, h);
	return call_goos(view->goos, &o, NULL);
}

int l4re_video_view_get_info(l4re_video_view_t *view, l4re_video_view_info_t *info)
{
	struct wire_out o = request(GOOS_VIEW_INFO);
	struct wire_in in;
	int result;

	wire_put_u32(&o, view->idx);
	result = call_goos(view->goos, &o, &in);
	if (result >= 0)
		wire_get_struct(&in, info, sizeof(*info), sizeof(info->xpos));
	return (int)read_result(result, &in);
}

int l4re_video_view_set_info(l4re_video_view_t *view, l4re_video_view_info_t *info)
{
	struct wire_out o = request(GOOS_SET_VIEW_INFO);

	wire_put_u32(&o, view->idx);
	wire_put_struct(&o, info, sizeof(*info), sizeof(info->xpos));
	return call_goos(view->goos, &o, NULL);
}

int l4re_video_view_set_viewport(l4re_video_view_t *view, int x, int y, int w, int h,
				 unsigned long bofs)
{
	l4re_video_view_info_t info = { .flags = F_l4re_video_view_set_buffer_offset |
						 F_l4re_video_view_set_position,
					.view_index = view->idx,
					.xpos = (unsigned long)x,
					.ypos = (unsigned long)y,
					.width = (unsigned long)w,
					.height = (unsigned long)h,
					.buffer_offset = bofs };

	return l4re_video_view_set_info(view, &info);
}

int l4re_video_view_stack(l4re_video_view_t *view, l4re_video_view_t *pivot, int behind)
{
	struct wire_out o = request(GOOS_VIEW_STACK);

	wire_put_u32(&o, view->idx);
	wire_put_u32(&o, pivot ? pivot->idx : NO_PIVOT);
	wire_put_u8(&o, behind != 0);
	return call_goos(view->goos, &o, NULL);
}
