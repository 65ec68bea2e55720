/* SPDX-License-Identifier: MIT */
/* What the boot loader told us, whatever its protocol. */
#include "params.h"

#include "console.h"
#include "lib.h"

#define TEXT_PHYS 0xb8000

const char *params_string(struct boot_params *params, const char *s, uint64_t length)
{
	char *copy = params->strings + params->strings_used;

	if (length >= STRINGS_SIZE - params->strings_used)
		fatal("command lines are longer than %u bytes together", STRINGS_SIZE);
	memcpy(copy, s, length);
	copy[length] = 0;
	params->strings_used += length + 1;
	return copy;
}

void params_add_module(struct boot_params *params, uint64_t start, uint64_t end,
		       const char *cmdline)
{
	struct boot_module *m = params->module + params->modules;

	if (params->modules == MODULES_MAX)
		fatal("more than %u modules", MODULES_MAX);
	if (end < start)
		fatal("module %u ends before it starts", params->modules);
	*m = (struct boot_module){ start, end, "" };
	if (cmdline)
		m->cmdline = params_string(params, cmdline, strlen(cmdline));
	params->modules++;
}

void params_add_memory(struct boot_params *params, uint64_t start, uint64_t size, uint32_t type)
{
	static const uint8_t types[] = { MEM_RESERVED, MEM_RAM, MEM_RESERVED, MEM_ACPI, MEM_NVS };
	enum mem_type t = type < sizeof(types) ? types[type] : MEM_RESERVED;

	if (memmap_add(&params->raw, start, size, t) < 0)
		fatal("too many memory map entries (more than %u)", MEMMAP_MAX);
}

void params_add_meminfo(struct boot_params *params, uint32_t lower_kib, uint32_t upper_kib)
{
	params_add_memory(params, 0, (uint64_t)lower_kib << 10, 1);
	params_add_memory(params, 1 << 20, (uint64_t)upper_kib << 10, 1);
}

void params_set_fb(struct boot_params *params, const struct mb_fb *fb,
		   const struct mb_fb_colour *colour)
{
	struct bootinfo_fb *out = &params->fb;

	if (fb->type != 1 && fb->type != 2)
		return;
	*out = (struct bootinfo_fb){ .phys = fb->addr, .pitch = fb->pitch, .bpp = fb->bpp };
	out->type = fb->type == 1 ? BOOTINFO_FB_RGB : BOOTINFO_FB_TEXT;
	out->width = fb->width;
	out->height = fb->height;
	if (fb->type == 2)
		return;
	out->red_pos = colour->red_pos;
	out->red_size = colour->red_size;
	out->green_pos = colour->green_pos;
	out->green_size = colour->green_size;
	out->blue_pos = colour->blue_pos;
	out->blue_size = colour->blue_size;
}

/* A PC whose loader says nothing is in text mode, if it has a screen at all. */
static void default_screen(struct boot_params *params)
{
	struct bootinfo_fb *fb = &params->fb;

	if (fb->type != BOOTINFO_FB_NONE || !console_has_text())
		return;
	*fb = (struct bootinfo_fb){ .phys = TEXT_PHYS, .type = BOOTINFO_FB_TEXT };
	fb->pitch = 160;
	fb->width = 80;
	fb->height = 25;
	fb->bpp = 16;
}

static void read_protocol(const struct handover *handover, struct boot_params *params)
{
	const void *info = phys_ptr(handover->info);

	switch (handover->magic) {
	case BOOT_MAGIC_MB1:
		return mb1_read(info, params);
	case BOOT_MAGIC_MB2:
		return mb2_read(info, params);
	case BOOT_MAGIC_PVH:
		return pvh_read(info, params);
	default:
		fatal("not started by Multiboot, Multiboot2 or PVH (magic %x)", handover->magic);
	}
}

void params_read(const struct handover *handover, struct boot_params *params)
{
	const char *line = protocol_cmdline(handover->magic, handover->info);

	while (line && *line == ' ')
		line++;
	line = line ? line : "";
	if (strlen(line) >= BOOTINFO_CMDLINE)
		fatal("command line is longer than %u bytes", BOOTINFO_CMDLINE - 1);
	params->cmdline = params_string(params, line, strlen(line));
	read_protocol(handover, params);
	if (!params->modules && handover->modules_start != handover->modules_end)
		params_add_module(params, handover->modules_start, handover->modules_end, NULL);
	default_screen(params);
}
