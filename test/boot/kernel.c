/* SPDX-License-Identifier: MIT */
/* Test kernel: checks what the boot stage promises (kernel/bootinfo.h) and reports as TAP. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <l4/sys/memdesc.h>
#include <l4/util/l4mod.h>

#include "kernel/bootinfo.h"
#include "test.h"

#define PTE_P	    0x1ULL
#define PTE_W	    0x2ULL
#define PTE_UC	    0x18ULL
#define PTE_L	    0x80ULL
#define PTE_NX	    (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL
#define GIB	    (1ULL << 30)
#define MIB	    (1ULL << 20)

extern char image_start[], image_rodata[], image_data[], image_end[];

__attribute__((section(".kip"), aligned(4096))) struct {
	l4_kernel_info_t info;
	l4_kernel_info_mem_desc_t desc[L4_KIP_MEM_DESCS_NUM];
	char rest[4096 - L4_KIP_OFFS_VERSION_STRING];
} kip = { .info = { .magic = (l4_uint32_t)L4_KERNEL_INFO_MAGIC,
		    .version = L4_KIP_VERSION_CURRENT,
		    .mem_descs = L4_KIP_OFFS_MEM_DESCS,
		    .mem_descs_num = L4_KIP_MEM_DESCS_NUM },
	  .rest = "untouched" };

static char cleared[64 * 1024];
static const struct bootinfo *bi;

/* Result of a page walk. */
struct leaf {
	uint64_t phys, size;
	bool present, write, execute, uncached;
};

static void *direct(uint64_t phys)
{
	return (void *)(DIRECT_MAP_BASE + phys);
}

static struct leaf walk(uint64_t virt)
{
	struct leaf leaf = { .present = true, .write = true, .execute = true };
	const uint64_t *table = direct(bi->page_table);

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry = table[(virt >> shift) & 511];

		leaf.size = 1ULL << shift;
		leaf.write &= !!(entry & PTE_W);
		leaf.execute &= !(entry & PTE_NX);
		leaf.uncached = (entry & PTE_UC) == PTE_UC;
		if (!(entry & PTE_P))
			return (struct leaf){ .size = leaf.size };
		if (shift == 12 || (shift < 39 && entry & PTE_L)) {
			leaf.phys =
			    (entry & PTE_ADDRESS & ~(leaf.size - 1)) | (virt & (leaf.size - 1));
			return leaf;
		}
		table = direct(entry & PTE_ADDRESS);
	}
	return leaf;
}

static uint64_t kernel_phys(const void *p)
{
	return (uint64_t)p - KERNEL_BASE + bi->kernel_phys;
}

static bool in_kernel(uint64_t phys)
{
	return phys >= bi->kernel_phys && phys < bi->kernel_phys + bi->kernel_size;
}

static bool is_pattern(const l4util_l4mod_mod *m, unsigned seed)
{
	const uint8_t *p = direct(m->mod_start);

	for (uint64_t i = 0; i < m->mod_end - m->mod_start; i++)
		if (p[i] != (uint8_t)(i * 7 + (i >> 8) + seed))
			return false;
	return true;
}

static bool is_zero(const void *start, uint64_t size)
{
	const char *p = start;

	while (size && !*p)
		p++, size--;
	return !size;
}

static l4_kernel_info_mem_desc_t *descriptor_of(uint64_t phys, unsigned type)
{
	for (unsigned i = L4_KIP_MEM_DESCS_NUM; i-- > 0;) {
		l4_kernel_info_mem_desc_t *d = kip.desc + i;

		if (l4_kernel_info_get_mem_desc_type(d) == type &&
		    l4_kernel_info_get_mem_desc_start(d) <= phys &&
		    l4_kernel_info_get_mem_desc_end(d) >= phys)
			return d;
	}
	return NULL;
}

static void check_registers(void)
{
	uint64_t cr0, cr3, cr4, flags;
	uint32_t efer, high;

	__asm__("mov %%cr0, %0" : "=r"(cr0));
	__asm__("mov %%cr3, %0" : "=r"(cr3));
	__asm__("mov %%cr4, %0" : "=r"(cr4));
	__asm__("pushfq; popq %0" : "=r"(flags));
	__asm__("rdmsr" : "=a"(efer), "=d"(high) : "c"(0xc0000080));
	check(cr3 == bi->page_table, "CR3 is the announced page table");
	check((cr0 & 0x80010001) == 0x80010001, "CR0 has PG, WP, PE");
	check(cr4 & 0x20, "CR4 has PAE");
	check((efer & 0xd01) == 0xd01, "EFER has NXE, LMA, LME, SCE");
	check(!(flags & 0x200), "interrupts are off");
}

static void check_image(void)
{
	bool rights = true, small = true, alias = true;

	for (char *p = image_start; p < image_end; p += 4096) {
		struct leaf l = walk((uint64_t)p);
		struct leaf a = walk(DIRECT_MAP_BASE + kernel_phys(p));

		rights &=
		    l.present && l.write == (p >= image_data) && l.execute == (p < image_rodata);
		small &= l.size == 4096 && l.phys == kernel_phys(p);
		alias &= a.present && !a.execute && a.write == (p >= image_data);
	}
	check(bi->kernel_phys % (2 * MIB) == 0, "kernel is 2 MiB aligned");
	check(rights, "kernel pages have the rights of their segment");
	check(small, "kernel pages are 4 KiB and at their place");
	check(alias, "direct map of kernel text and constants is read-only");
	check(!walk((uint64_t)image_end).present, "nothing is mapped after the kernel");
	check(is_zero(cleared, sizeof(cleared)), ".bss is clear");
	check(in_kernel(bi->page_table) && bi->kernel_size % 4096 == 0 &&
		  bi->page_table >= kernel_phys(image_end),
	      "page tables lie behind the image");
}

/* Every table page must lie in the kernel's memory. */
static bool tables_inside(const uint64_t *table, int shift)
{
	for (unsigned i = 0; i < 512; i++) {
		if (!(table[i] & PTE_P) || (shift < 39 && table[i] & PTE_L))
			continue;
		if (!in_kernel(table[i] & PTE_ADDRESS))
			return false;
		if (shift > 21 && !tables_inside(direct(table[i] & PTE_ADDRESS), shift - 9))
			return false;
	}
	return true;
}

static bool direct_map_shows(uint64_t phys, bool *cached)
{
	struct leaf l = walk(DIRECT_MAP_BASE + phys);

	*cached &= !l.uncached;
	return l.present && l.phys == phys && !l.execute && (l.write || in_kernel(phys));
}

static void check_direct_map(void)
{
	bool low = true, ram = true, cached = true, any = true;

	for (uint64_t phys = 0; phys < 4 * GIB; phys += 4096 * 63)
		low &= direct_map_shows(phys, &any);
	for (unsigned i = 0; i < L4_KIP_MEM_DESCS_NUM; i++) {
		l4_kernel_info_mem_desc_t *d = kip.desc + i;

		if (l4_kernel_info_get_mem_desc_type(d) != l4_mem_type_conventional)
			continue;
		for (uint64_t at = l4_kernel_info_get_mem_desc_start(d);
		     at < l4_kernel_info_get_mem_desc_end(d); at += 4096 * 63)
			ram &= direct_map_shows(at, &cached);
	}
	check(low, "direct map has the first 4 GiB");
	check(ram, "direct map has all memory");
	check(cached, "direct map of memory is cached");
	check(walk(DIRECT_MAP_BASE + 0xfee00000).uncached, "direct map of the APIC is uncached");
	check(tables_inside(direct(bi->page_table), 39), "all tables lie in the kernel's memory");
}

static bool descriptor_sane(const l4_kernel_info_mem_desc_t *d, unsigned type)
{
	uint64_t start = l4_kernel_info_get_mem_desc_start(d);
	uint64_t end = l4_kernel_info_get_mem_desc_end(d);

	if (end <= start || start % 4096 || (end + 1) % 4096)
		return false;
	return type == l4_mem_type_conventional || type == l4_mem_type_archspecific ||
	       (descriptor_of(start, l4_mem_type_conventional) &&
		descriptor_of(start, l4_mem_type_conventional) ==
		    descriptor_of(end, l4_mem_type_conventional));
}

static void check_descriptors(void)
{
	uint64_t total = 0;
	unsigned used = 0;
	bool sane = true;

	for (unsigned i = 0; i < L4_KIP_MEM_DESCS_NUM; i++) {
		l4_kernel_info_mem_desc_t *d = kip.desc + i;
		unsigned type = l4_kernel_info_get_mem_desc_type(d);

		if (!type)
			continue;
		used++;
		sane &= descriptor_sane(d, type);
		print("# memory %x - %x\n", d->l, d->h);
		if (type == l4_mem_type_conventional)
			total += d->h - l4_kernel_info_get_mem_desc_start(d) + 1;
	}
	print("# %u descriptors, %u KiB\n", used, total >> 10);
	check(sane, "memory descriptors are whole pages, taken parts inside memory");
	check(used && used <= L4_KIP_MEM_DESCS_NUM - 8, "8 descriptors are left");
	check(total >= option(bi->cmdline, "-ram=") * MIB, "memory is complete");
	check(descriptor_of(bi->kernel_phys, l4_mem_type_reserved) &&
		  descriptor_of(bi->kernel_phys + bi->kernel_size - 1, l4_mem_type_reserved),
	      "kernel is reserved");
	check(!descriptor_of(0, l4_mem_type_conventional), "page 0 is no free memory");
}

static bool rsdp_described(void)
{
	l4_kernel_info_mem_desc_t *d = descriptor_of(bi->rsdp, l4_mem_type_info);

	return d && l4_kernel_info_get_mem_desc_start(d) == bi->rsdp &&
	       l4_kernel_info_get_mem_desc_subtype(d) == l4_mem_info_acpi_rsdp;
}

static void check_kip(void)
{
	check(bi->kip_phys == kernel_phys(&kip), "KIP address");
	check(equal(kip.info.platform_info.name, "amd64"), "platform name");
	check(equal(kip.rest, "untouched"), "the rest of the KIP is the kernel's");
	check(kip.info.acpi_rsdp_addr == bi->rsdp, "RSDP in the KIP");
	check(!bi->rsdp || rsdp_described(), "the info descriptor begins with the RSDP");
	check(!option(bi->cmdline, "-rsdp=") ||
		  (bi->rsdp && !differ(direct(bi->rsdp), "RSD PTR ", 8)),
	      "RSDP is one");
}

static bool program_ok(uint64_t entry)
{
	const uint64_t *record = direct(entry - 32);
	const uint64_t *data;

	if (!entry || record[0] != PROGRAM_MAGIC)
		return false;
	data = direct(record[1]);
	return data[0] == record[1] && data[1] == 0x1122334455667788 &&
	       is_zero(direct(record[2]), record[3]);
}

static bool root_rights(uint64_t phys, unsigned rights)
{
	l4_kernel_info_mem_desc_t *d = descriptor_of(phys, l4_mem_type_bootloader);

	return d && l4_kernel_info_get_mem_desc_subtype(d) == rights;
}

static void check_programs(void)
{
	uint64_t sigma0 = kip.info.sigma0_ip, root = kip.info.root_ip;

	check(program_ok(sigma0), "sigma0 is loaded");
	check(program_ok(root), "root task is loaded");
	check(descriptor_of(sigma0, l4_mem_type_dedicated) != NULL, "sigma0 is dedicated");
	check(root_rights(root, 5), "root text is boot loader memory, RX");
	check(root_rights(*(uint64_t *)direct(root - 24), 6), "root data is RW");
}

static void check_module(const l4util_l4mod_mod *m, unsigned i)
{
	const char *line = direct(m->cmdline);
	uint64_t tail = -m->mod_end % 4096;

	check(m->flags == 0 && line[0] == 'm' && line[3] == (char)('1' + i) &&
		  equal(line + 4, " arg"),
	      "module name and arguments");
	check(is_pattern(m, i + 1), "module contents");
	check(m->mod_start % 4096 == 0 && is_zero(direct(m->mod_end), tail),
	      "module is alone in its pages");
	check(m->mod_end == m->mod_start ||
		  (root_rights(m->mod_start, 7) && root_rights(m->mod_end - 1, 7)),
	      "module is boot loader memory");
}

static void check_modules(void)
{
	const l4util_l4mod_info *list = direct(kip.info.user_ptr);
	const l4util_l4mod_mod *m = direct(list->mods_addr);
	unsigned others = option(bi->cmdline, "-others=");

	check(list->mods_count == others + 3, "number of modules");
	check(m[others].flags == 1 && m[others + 1].flags == 2 && m[others + 2].flags == 3,
	      "kernel, sigma0 and root task are last");
	check(root_rights(kip.info.user_ptr, 6), "module list is boot loader memory");
	check(!differ(direct(m[others + 2].cmdline), "root", 4), "root task command line");
	for (unsigned i = 0; i < others; i++)
		check_module(m + i, i);
}

static void check_rest(void)
{
	struct leaf l = walk(0x200000);

	check(bi->start_tsc && bi->start_tsc < rdtsc(), "start time stamp");
	check(bi->low_page && bi->low_page < MIB && bi->low_page % 4096 == 0 &&
		  descriptor_of(bi->low_page, l4_mem_type_reserved),
	      "page for the start of processors");
	check(l.present && l.execute && l.phys == 0x200000, "boot stage runs 1:1");
	check(bi->fb.type == option(bi->cmdline, "-fb="), "screen type");
	print("# screen %u at %x, RSDP %x, kernel %x\n", bi->fb.type, bi->fb.phys, bi->rsdp,
	      bi->kernel_phys);
}

void test_main(const struct bootinfo *info)
{
	uint64_t now = rdtsc();

	bi = info;
	check(bi->magic == BOOTINFO_MAGIC, "magic number");
	check_registers();
	check_image();
	check_direct_map();
	check_kip();
	check_descriptors();
	check_programs();
	check_modules();
	check_rest();
	print("# %u kcycles in the boot stage\n", (now - bi->start_tsc) / 1000);
	finish();
}
