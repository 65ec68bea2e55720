/* SPDX-License-Identifier: MIT */
/*
 * The video protocol, as a server of a simple frame buffer speaks it: one buffer and one view that
 * are always there. Its screen is the log: each refresh prints the rows, a character a pixel.
 */
#include <stdio.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/rm.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/c/video/goos.h>
#include <l4/re/protocols.h>
#include "lib/raw_thread.h"
#include "lib/serve.h"

enum { WIDTH = 32, HEIGHT = 8, BYTES = WIDTH * HEIGHT, GREYS = 4 };

static l4re_ds_t buffer;
static const unsigned char *pixels;

/* A byte a pixel: 0 is black, 255 white. */
static const l4re_video_pixel_info_t grey = {
	.r = { 8, 0 }, .g = { 8, 0 }, .b = { 8, 0 }, .bytes_per_pixel = 1
};

static long info(struct server_object *object, struct server_request *request)
{
	const l4re_video_goos_info_t answer = { .width = WIDTH,
						.height = HEIGHT,
						.num_static_views = 1,
						.num_static_buffers = 1,
						.pixel_info = grey };

	(void)object;
	wire_put_struct(&request->out, &answer, sizeof(answer), sizeof(answer.width));
	return 0;
}

static long static_buffer(struct server_object *object, struct server_request *request)
{
	unsigned index = wire_get_u32(&request->in);

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (index)
		return -L4_ERANGE;
	wire_put_cap(&request->out, buffer, L4_CAP_FPAGE_RW);
	return 0;
}

static long view_info(struct server_object *object, struct server_request *request)
{
	const l4re_video_view_info_t answer = {
		.width = WIDTH, .height = HEIGHT, .bytes_per_line = WIDTH, .pixel_info = grey
	};
	unsigned index = wire_get_u32(&request->in);

	(void)object;
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (index)
		return -L4_ERANGE;
	wire_put_struct(&request->out, &answer, sizeof(answer), sizeof(answer.xpos));
	return 0;
}

static void print_row(const unsigned char *row, int count)
{
	static const char characters[GREYS + 1] = ".-+#";
	char text[WIDTH + 1] = "";

	for (int i = 0; i < count; i++)
		text[i] = characters[row[i] * GREYS / 256];
	printf("%s\n", text);
}

/* The rectangle that the request goes on with. */
static long draw(struct server_request *request)
{
	int x = (int)wire_get_u32(&request->in), y = (int)wire_get_u32(&request->in);
	int width = (int)wire_get_u32(&request->in), height = (int)wire_get_u32(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (x < 0 || y < 0 || width < 0 || height < 0 || x > WIDTH || y > HEIGHT ||
	    width > WIDTH - x || height > HEIGHT - y)
		return -L4_ERANGE;
	for (int row = y; row < y + height; row++)
		print_row(pixels + row * WIDTH + x, width);
	return 0;
}

static long refresh(struct server_object *object, struct server_request *request)
{
	(void)object;
	return draw(request);
}

static long view_refresh(struct server_object *object, struct server_request *request)
{
	(void)object;
	return wire_get_u32(&request->in) ? -L4_ERANGE : draw(request);
}

static void released(struct server_object *object)
{
	(void)object; /* the channel is the scenario's: it stays */
}

static void make_buffer(void)
{
	void *start = NULL;

	buffer = l4re_util_cap_alloc();
	check(l4re_ma_alloc(BYTES, buffer, 0), "buffer");
	check(l4re_rm_attach(&start, BYTES, L4RE_RM_F_SEARCH_ADDR | L4RE_RM_F_R,
			     buffer | L4_CAP_FPAGE_RO, 0, L4_PAGESHIFT),
	      "attach");
	pixels = start;
}

int main(void)
{
	static const struct server_operation operations[] = {
		[0] = { info, 0 },	   [1] = { static_buffer, 0 }, [6] = { view_info, 0 },
		[9] = { view_refresh, 0 }, [10] = { refresh, 0 },
	};
	static const struct server_interface interface = { .protocol = L4RE_PROTO_GOOS,
							   .name = "N4L4Re5Video4GoosE",
							   .operations = operations,
							   .operation_count = 11 };
	static const struct server_class class = { .interfaces = &interface,
						   .interface_count = 1,
						   .released = released };
	static struct server_object object = { .class = &class };

	make_buffer();
	serve(&object, "screen");
}
