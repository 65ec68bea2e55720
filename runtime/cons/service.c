/* SPDX-License-Identifier: MIT */
/*
 * The factory of consoles, and the consoles as objects of the server.
 *
 * Life of a channel: made by create, it lives as long as its client has the capability, or until it
 * is kicked. A client that is kept outlives its channel's gate, and goes with `drop`.
 */
#include "service.h"

#include <stdlib.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include "vcon/vcon.h"

struct channel {
	struct vcon vcon;
	struct client client;
};

static struct server *the_server;
static struct console *the_console;

static struct channel *channel_of(struct client *client)
{
	return (struct channel *)((char *)client - offsetof(struct channel, client));
}

/* --- Consoles --- */

static void use_attributes(struct channel *c)
{
	c->client.attributes = (struct client_attributes){ .input = c->vcon.attributes.i_flags,
							   .output = c->vcon.attributes.o_flags,
							   .local = c->vcon.attributes.l_flags };
}

static void channel_write(struct vcon *vcon, const char *text, size_t count)
{
	struct channel *c = (struct channel *)vcon;

	use_attributes(c);
	console_write(the_console, &c->client, text, count);
}

static size_t channel_read(struct vcon *vcon, char *out, size_t count, l4_umword_t *flags)
{
	struct client *client = &((struct channel *)vcon)->client;

	count = client_read(client, out, count);
	*flags = client_readable(client) ? 0 : L4_VCON_READ_STAT_DONE;
	if (client->was_break)
		*flags |= L4_VCON_READ_STAT_BREAK;
	client->was_break = false;
	return count;
}

static const struct vcon_actions actions = { channel_write, channel_read };

/* Attributes have an effect from the next key on. */
static long handle_vcon(struct server_object *object, struct server_request *request)
{
	struct channel *c = (struct channel *)object;
	long result = vcon_handle(object, request);

	use_attributes(c);
	return result;
}

/* What was typed before the interrupt was bound is waiting. */
static long handle_icu(struct server_object *object, struct server_request *request)
{
	struct channel *c = (struct channel *)object;
	unsigned before = c->vcon.pin.count;
	long result = vcon_handle_icu(object, request);

	if (c->vcon.pin.count > before && client_readable(&c->client))
		pin_fire(&c->vcon.pin, request->server);
	return result;
}

static void released(struct server_object *object)
{
	struct channel *c = (struct channel *)object;

	pin_clear(&c->vcon.pin, the_server);
	console_client_gone(the_console, &c->client);
}

static const struct server_interface channel_interfaces[] = {
	{ L4_PROTO_LOG, "N2L44VconE", handle_vcon, NULL, 0 },
	{ L4_PROTO_IRQ, "N2L43IcuE", handle_icu, NULL, 0 },
};
static const struct server_class channel_class = { .interfaces = channel_interfaces,
						   .interface_count = 2,
						   .released = released };

void service_wake(struct client *client)
{
	pin_fire(&channel_of(client)->vcon.pin, the_server);
}

void service_disconnect(struct client *client)
{
	struct channel *c = channel_of(client);

	pin_clear(&c->vcon.pin, the_server);
	server_unpublish(the_server, &c->vcon.object);
}

void service_destroy(struct client *client)
{
	struct channel *c = channel_of(client);

	free(client->output.bytes);
	free(c);
}

/* --- The factory --- */

static long take_option(void *data, const char *text)
{
	return client_option(data, text) ? 0 : -L4_EINVAL;
}

static struct channel *new_channel(const struct client_options *options, unsigned colour)
{
	struct channel *c = calloc(1, sizeof(*c));
	char *bytes = malloc(options->buffer_bytes);

	if (!c || !bytes) {
		free(c);
		free(bytes);
		return NULL;
	}
	c->vcon.object.class = &channel_class;
	c->vcon.actions = &actions;
	c->client.options = *options;
	c->client.colour = colour;
	c->client.output = ring_init(bytes, options->buffer_bytes);
	return c;
}

static void announce(const struct channel *c)
{
	for (unsigned i = 0; i < the_console->mux_count; i++) {
		struct mux *mux = &the_console->muxes[i];

		mux_own_line(mux);
		mux_print(mux, "Created vcon channel: %s [%lx]\r\n", c->client.name,
			  c->vcon.object.cap);
		mux_flush(mux);
	}
}

static long create_log(struct server_request *request)
{
	struct client_options options = the_console->defaults;
	struct vcon_create create;
	struct channel *c;
	long error = vcon_create_read(&request->in, &create, take_option, &options);

	if (error < 0)
		return error;
	c = new_channel(&options, create.colour);
	if (!c)
		return -L4_ENOMEM;
	error = server_publish(request->server, &c->vcon.object);
	if (error < 0) {
		service_destroy(&c->client);
		return error;
	}
	console_add_client(the_console, &c->client, create.tag);
	c->vcon.attributes = (l4_vcon_attr_t){ .i_flags = c->client.attributes.input,
					       .o_flags = c->client.attributes.output,
					       .l_flags = c->client.attributes.local };
	announce(c);
	server_reply_object(request, &c->vcon.object, L4_CAP_FPAGE_RWSD);
	return 0;
}

static long handle_create(struct server_object *object, struct server_request *request)
{
	long protocol, error = vcon_create_begin(&request->in, request->rights, &protocol);

	(void)object;
	if (error < 0)
		return error;
	return protocol == L4_PROTO_LOG ? create_log(request) : -L4_ENOSYS;
}

static void factory_released(struct server_object *object)
{
	(void)object; /* for ever */
}

static const struct server_interface factory_interfaces[] = {
	{ L4_PROTO_FACTORY, "N2L47FactoryE", handle_create, NULL, 0 },
};
static const struct server_class factory_class = { .interfaces = factory_interfaces,
						   .interface_count = 1,
						   .released = factory_released };
static struct server_object factory = { .class = &factory_class };

long service_open(struct server *server, struct console *console, l4_cap_idx_t gate)
{
	the_server = server;
	the_console = console;
	return server_bind_gate(server, &factory, gate);
}
