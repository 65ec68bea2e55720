/* SPDX-License-Identifier: MIT */
/* From the module list of the boot stage to the namespaces rom and rwfs. */
#include <string.h>
#include <l4/util/l4mod.h>
#include "dataspace.h"
#include "moe.h"
#include "modules.h"
#include "namespace.h"

/* A text of the boot stage, which ends somewhere behind its start. */
static void claim_text(uint64_t at)
{
	memory_claim(at, at + 1);
	while (memchr((const void *)at, 0, L4_PAGESIZE - (at & (L4_PAGESIZE - 1))) == NULL) {
		at = l4_trunc_page(at) + L4_PAGESIZE;
		memory_claim(at, at + 1);
	}
}

static void add_file(const char *command_line, uint64_t start, uint64_t end)
{
	char name[NAMES_LENGTH_MAX + 1] = "";
	size_t length;
	bool writable;
	const char *text = module_name(command_line, &length, &writable);
	struct namespace *to = writable ? moe.rwfs : moe.rom;
	struct dataspace *d;

	memcpy(name, text, length < NAMES_LENGTH_MAX ? length : NAMES_LENGTH_MAX);
	memory_claim(start, end);
	d = dataspace_create_static(&moe.root, start, end - start,
				    writable ? DATASPACE_RWX : DATASPACE_R | DATASPACE_X);
	if (!d ||
	    namespace_add(to, name, &d->object, writable ? L4_CAP_FPAGE_RW : L4_CAP_FPAGE_RO) < 0)
		moe_fatal("no memory for the name of module %s", name);
	if (moe.debug & DEBUG_BOOT)
		moe_print("  %s: [%lx-%lx] %s", writable ? " RWFS" : "ROMFS", start, end - 1, name);
}

static struct namespace *new_namespace(void)
{
	struct namespace *n = namespace_create(&moe.root);

	if (!n)
		moe_fatal("no memory for namespaces");
	n->object.permanent = true;
	return n;
}

void modules_init(void)
{
	const l4util_l4mod_info *info = (const l4util_l4mod_info *)moe.kip->user_ptr;
	const l4util_l4mod_mod *m;

	moe.rom = new_namespace();
	moe.rwfs = new_namespace();
	if (!info)
		return;
	memory_claim((uint64_t)info, (uint64_t)(info + 1));
	m = (const l4util_l4mod_mod *)info->mods_addr;
	memory_claim((uint64_t)m, (uint64_t)(m + info->mods_count));
	for (unsigned i = 0; i < info->mods_count; i++) {
		unsigned kind = m[i].flags & L4util_l4mod_mod_flag_mask;

		if (m[i].cmdline)
			claim_text(m[i].cmdline);
		if (kind == L4util_l4mod_mod_flag_unspec && m[i].cmdline)
			add_file((const char *)m[i].cmdline, m[i].mod_start, m[i].mod_end);
	}
}
