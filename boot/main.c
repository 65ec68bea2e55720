/* SPDX-License-Identifier: MIT */
/* The boot stage, from the boot loader's structures to the first instruction of the kernel. */
#include "console.h"
#include "handover.h"
#include "identity.h"
#include "kernel.h"
#include "kernel/bootinfo.h"
#include "lib.h"
#include "memmap.h"
#include "modules.h"
#include "params.h"
#include "place.h"
#include "programs.h"
#include "rsdp.h"
#include "screen.h"
#include "trap.h"

#define LOW_MEMORY_END 0xa0000

extern char stack_end[];

/* Assembler (start64.S). */
_Noreturn void kernel_jump(uint64_t cr3, uint64_t entry, uint64_t bootinfo, uint64_t stack);

/* Called by start64.S. */
_Noreturn void boot_main(const struct handover *handover);

static struct boot_params params;
static struct memmap map;
static struct bootinfo bootinfo;

static void read_memory_map(const struct handover *handover)
{
	if (memmap_normalise(&params.raw, &map) < 0)
		fatal("too many memory map entries (more than %u)", MEMMAP_MAX);
	if (!memmap_covers(&map, handover->image_start, handover->image_end, MEM_BIT(MEM_RAM)))
		fatal("not enough memory: the boot stage needs RAM from 0x%lx to 0x%lx",
		      (unsigned long)handover->image_start, (unsigned long)handover->image_end);
	claim(&map, 0, MEM_PAGE, MEM_RESERVED, 0); /* address 0 stays invalid; BIOS data */
	claim(&map, handover->image_start, handover->image_end, MEM_TEMP, 0);
}

/* A page that processors can start in (in real mode); 0 if there is none. */
static uint64_t claim_low_page(void)
{
	struct mem_request request = { .size = MEM_PAGE,
				       .align = MEM_PAGE,
				       .min = MEM_PAGE,
				       .max = LOW_MEMORY_END,
				       .from_top = true };
	uint64_t page;

	if (memmap_find(&map, &request, &page) < 0)
		return 0;
	claim(&map, page, page + MEM_PAGE, MEM_KERNEL, 0);
	return page;
}

static void fill_bootinfo(const struct handover *handover, const struct kernel *kernel)
{
	bootinfo.magic = BOOTINFO_MAGIC;
	bootinfo.kip_phys = kernel->kip;
	bootinfo.kernel_phys = kernel->phys;
	bootinfo.kernel_size = kernel->size;
	bootinfo.page_table = kernel->page_table;
	bootinfo.start_tsc = handover->tsc;
	bootinfo.fb = params.fb;
	memcpy(bootinfo.cmdline, params.cmdline, strlen(params.cmdline) + 1);
}

void boot_main(const struct handover *handover)
{
	struct module_list list = { 0 };
	struct programs programs;
	struct kernel kernel;

	console_init(protocol_cmdline(handover->magic, handover->info));
	trap_init();
	params_read(handover, &params);
	screen_init(&params.fb);
	rsdp_read(&params);
	read_memory_map(handover);
	modules_claim(&params, &map);
	programs = programs_load(handover, &params, &map);
	modules_finish(&params, &map);
	kernel = kernel_load(handover, &map);
	list.kernel = (struct module_range){ kernel.phys, kernel.phys + kernel.image_size };
	list.sigma0 = programs.sigma0;
	list.root = programs.root;
	modules_list(&params, &map, &list);
	fill_bootinfo(handover, &kernel);
	bootinfo.low_page = claim_low_page();
	bootinfo.rsdp = rsdp_place(&params, &map);
	memmap_release(&map, MEM_TEMP);
	kip_fill(kernel.kip,
		 &(struct kip_values){ programs.sigma0_entry, programs.root_entry, list.address,
				       bootinfo.rsdp },
		 &map);
	kernel_jump(kernel.page_table, kernel.entry, DIRECT_MAP_BASE + ptr_phys(&bootinfo),
		    DIRECT_MAP_BASE + ptr_phys(stack_end));
}
