/* SPDX-License-Identifier: MIT */
/* Finds the command line of each boot protocol and skips the image name (32 and 64 bit). */
#include <stddef.h>

#include "protocol.h"

static const char *mb1_cmdline(const struct mb1_info *info)
{
	if (!(info->flags & MB1_HAS_CMDLINE))
		return NULL;
	return (const char *)(uintptr_t)info->cmdline;
}

static const char *mb2_cmdline(uintptr_t info)
{
	uintptr_t end = info + ((const struct mb2_info *)info)->total_size;
	uintptr_t at = info + sizeof(struct mb2_info);

	while (at + sizeof(struct mb2_tag) <= end) {
		const struct mb2_tag *tag = (const struct mb2_tag *)at;

		if (tag->type == MB2_CMDLINE)
			return (const char *)(tag + 1);
		if (tag->type == MB2_END || tag->size < sizeof(*tag))
			break;
		at += (tag->size + 7) & ~7u;
	}
	return NULL;
}

static const char *pvh_cmdline(const struct pvh_info *info)
{
	return info->cmdline >> 32 ? NULL : (const char *)(uintptr_t)info->cmdline;
}

/* Multiboot loaders put the name of the image first; options of ours start with '-'. */
static const char *skip_image_name(const char *line)
{
	while (line && *line == ' ')
		line++;
	if (!line || *line == '-')
		return line;
	while (*line && *line != ' ')
		line++;
	return line;
}

const char *protocol_cmdline(uint32_t magic, uintptr_t info)
{
	switch (magic) {
	case BOOT_MAGIC_MB1:
		return skip_image_name(mb1_cmdline((const struct mb1_info *)info));
	case BOOT_MAGIC_MB2:
		return skip_image_name(mb2_cmdline(info));
	case BOOT_MAGIC_PVH:
		return pvh_cmdline((const struct pvh_info *)info);
	default:
		return NULL;
	}
}
