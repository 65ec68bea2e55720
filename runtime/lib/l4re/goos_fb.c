/* SPDX-License-Identifier: MIT */
/* Frame buffer on an output: the static buffer and view, or new ones that cover the whole. */
#include <string.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/util/video/goos_fb.h>

struct frame_buffer {
	l4_cap_idx_t goos, buffer;
	unsigned view, buffer_index;
	void *pixels;
	unsigned dynamic_view : 1, dynamic_buffer : 1, own_goos : 1;
};

L4_STATIC_ASSERT(sizeof(struct frame_buffer) <= sizeof(l4re_util_video_goos_fb_t));

static struct frame_buffer *fb_of(l4re_util_video_goos_fb_t *goosfb)
{
	return (struct frame_buffer *)(void *)goosfb->_obj_buf;
}

static l4re_video_view_t view_of(struct frame_buffer *fb)
{
	return (l4re_video_view_t){ .goos = fb->goos, .idx = fb->view };
}

/* The object of that name: the environment's, or found in a namespace of the environment. */
static long open_goos(struct frame_buffer *fb, const char *name)
{
	const char *slash = strchr(name, '/');
	size_t length = slash ? (size_t)(slash - name) : strlen(name);
	l4re_env_cap_entry_t const *e = l4re_env_get_cap_l(name, (unsigned)length, l4re_env());

	if (!e)
		return -L4_ENOENT;
	fb->goos = e->cap;
	if (!slash)
		return 0;
	fb->goos = l4re_util_cap_alloc();
	if (!l4_is_valid_cap(fb->goos))
		return -L4_ENOMEM;
	fb->own_goos = 1;
	return l4re_ns_query_srv(e->cap, slash + 1, fb->goos);
}

static int make_buffer(struct frame_buffer *fb, const l4re_video_goos_info_t *info)
{
	unsigned long bytes = info->width * info->height * info->pixel_info.bytes_per_pixel;
	int result;

	if (!(info->flags & F_l4re_video_goos_dynamic_buffers))
		return l4re_video_goos_get_static_buffer(fb->goos, 0, fb->buffer);
	result = l4re_video_goos_create_buffer(fb->goos, bytes, fb->buffer);
	if (result < 0)
		return result;
	fb->buffer_index = (unsigned)result;
	fb->dynamic_buffer = 1;
	return 0;
}

static int make_view(struct frame_buffer *fb, const l4re_video_goos_info_t *info)
{
	l4re_video_view_t view;
	l4re_video_view_info_t wish = {
		.flags = F_l4re_video_view_fully_dynamic & ~F_l4re_video_view_dyn_allocated,
		.width = info->width,
		.height = info->height,
		.bytes_per_line = info->width * info->pixel_info.bytes_per_pixel,
		.pixel_info = info->pixel_info,
		.buffer_index = fb->buffer_index
	};
	int result;

	if (!(info->flags & F_l4re_video_goos_dynamic_views))
		return 0;
	result = l4re_video_goos_create_view(fb->goos, &view);
	if (result < 0)
		return result;
	fb->view = wish.view_index = view.idx;
	fb->dynamic_view = 1;
	result = l4re_video_view_set_info(&view, &wish);
	return result < 0 ? result : l4re_video_view_stack(&view, NULL, 1);
}

static int setup(struct frame_buffer *fb, const char *name)
{
	l4re_video_goos_info_t info;
	long result = open_goos(fb, name);

	if (result >= 0)
		result = l4re_video_goos_info(fb->goos, &info);
	if (result < 0)
		return (int)result;
	fb->buffer = l4re_util_cap_alloc();
	if (!l4_is_valid_cap(fb->buffer))
		return -L4_ENOMEM;
	result = make_buffer(fb, &info);
	return result < 0 ? (int)result : make_view(fb, &info);
}

int l4re_util_video_goos_fb_setup_name(l4re_util_video_goos_fb_t *goosfb, char const *name)
{
	struct frame_buffer *fb = fb_of(goosfb);
	int result;

	*fb = (struct frame_buffer){ .goos = L4_INVALID_CAP, .buffer = L4_INVALID_CAP };
	result = setup(fb, name);
	if (result < 0)
		l4re_util_video_goos_fb_destroy(goosfb);
	return result < 0 ? result : 0;
}

void l4re_util_video_goos_fb_destroy(l4re_util_video_goos_fb_t *goosfb)
{
	struct frame_buffer *fb = fb_of(goosfb);
	l4re_video_view_t view = view_of(fb);

	if (fb->pixels)
		l4re_rm_detach(fb->pixels);
	if (fb->dynamic_view)
		l4re_video_goos_delete_view(fb->goos, &view);
	if (fb->dynamic_buffer)
		l4re_video_goos_delete_buffer(fb->goos, fb->buffer_index);
	if (l4_is_valid_cap(fb->buffer))
		l4re_util_cap_free_um(fb->buffer);
	if (fb->own_goos)
		l4re_util_cap_free_um(fb->goos);
	*fb = (struct frame_buffer){ .goos = L4_INVALID_CAP, .buffer = L4_INVALID_CAP };
}

int l4re_util_video_goos_fb_view_info(l4re_util_video_goos_fb_t *goosfb,
				      l4re_video_view_info_t *info)
{
	l4re_video_view_t view = view_of(fb_of(goosfb));

	return l4re_video_view_get_info(&view, info);
}

void *l4re_util_video_goos_fb_attach_buffer(l4re_util_video_goos_fb_t *goosfb)
{
	struct frame_buffer *fb = fb_of(goosfb);
	unsigned long size = l4re_ds_size(fb->buffer);
	void *start = NULL;

	if (fb->pixels)
		return fb->pixels;
	if (!size || l4re_rm_attach(&start, size, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_RW,
				    fb->buffer | L4_CAP_FPAGE_RW, 0, L4_SUPERPAGESHIFT) < 0)
		return NULL;
	fb->pixels = start;
	return start;
}

int l4re_util_video_goos_fb_refresh(l4re_util_video_goos_fb_t *goosfb, int x, int y, int w, int h)
{
	l4re_video_view_t view = view_of(fb_of(goosfb));

	return l4re_video_view_refresh(&view, x, y, w, h);
}

l4re_ds_t l4re_util_video_goos_fb_buffer(l4re_util_video_goos_fb_t *goosfb)
{
	return fb_of(goosfb)->buffer;
}

l4_cap_idx_t l4re_util_video_goos_fb_goos(l4re_util_video_goos_fb_t *goosfb)
{
	return fb_of(goosfb)->goos;
}
