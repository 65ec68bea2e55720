/* SPDX-License-Identifier: MIT */
/*
 * GDT, TSS, IDT of each CPU. The GDT reaches up to the selectors that the Xen PV interface reserves
 * (0xe023, 0xe02b, 0xe033), which need 15 pages of address space but only two of memory: the pages
 * between are one page of zeroes, and the last one is the same for all CPUs. Intel SDM vol. 3, 3.4.
 */
#include "x86_64/desc.h"
#include "core/cpu.h"
#include "core/print.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "x86_64/insn.h"
#include "x86_64/kmap.h"
#include "x86_64/regs.h"
#include "x86_64/special.h"

#define DESC_KERNEL_CODE 0x00af9b000000ffffULL
#define DESC_KERNEL_DATA 0x00cf93000000ffffULL
#define DESC_USER_CODE32 0x00cffb000000ffffULL
#define DESC_USER_DATA	 0x00cff3000000ffffULL
#define DESC_USER_CODE64 0x00affb000000ffffULL

#define XEN_GDT_PAGE (SEL_XEN_CODE32 / PAGE_SIZE)
#define GDT_PAGES    (XEN_GDT_PAGE + 1)
#define GDT_LIMIT    ((SEL_XEN_CODE64 | 7) + 0)

enum { IST_DB = 1, IST_NMI, IST_DF, IST_MC };

struct gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_mid;
	u32 offset_high, reserved;
};

/* Seen by isolated user page tables. */
static struct gate idt[256] __attribute__((section(".entry_data"), aligned(4096)));
extern const char interrupt_stubs[7][34][4];
extern const char syscall_stub[], syscall_stub_work[], syscall32_stub[];

static u64 *gdt_zero_page, *gdt_xen_page;

static void idt_set(unsigned vector, u8 ist, unsigned dpl)
{
	u64 a =
	    (u64)(vector < 32 ? trap_stubs[vector] : interrupt_stubs[vector / 32 - 1][vector % 32]);

	idt[vector] = (struct gate){ (u16)a,	     SEL_KERNEL_CODE, ist, (u8)(0x8e | dpl << 5),
				     (u16)(a >> 16), (u32)(a >> 32),  0 };
}

static void tables_init(void)
{
	for (unsigned i = 0; i < 256; i++)
		idt_set(i, 0, i == 3 || i == 4 ? 3 : 0); /* int3 and into */
	idt_set(1, IST_DB, 0);
	idt_set(2, IST_NMI, 0);
	idt_set(8, IST_DF, 0);
	idt_set(18, IST_MC, 0);
	gdt_zero_page = page_alloc_zeroed(&root_quota, 0);
	gdt_xen_page = page_alloc_zeroed(&root_quota, 0);
	BUG_ON(!gdt_zero_page || !gdt_xen_page);
	gdt_xen_page[(SEL_XEN_CODE32 & PAGE_MASK) / 8] = DESC_USER_CODE32;
	gdt_xen_page[(SEL_XEN_DATA & PAGE_MASK) / 8] = DESC_USER_DATA;
	gdt_xen_page[(SEL_XEN_CODE64 & PAGE_MASK) / 8] = DESC_USER_CODE64;
}

static void gdt_fill(u64 *gdt, const struct tss *tss)
{
	u64 base = (u64)tss, limit = sizeof(*tss) - 1;

	gdt[SEL_KERNEL_CODE / 8] = DESC_KERNEL_CODE;
	gdt[SEL_KERNEL_DATA / 8] = DESC_KERNEL_DATA;
	gdt[3] = DESC_USER_CODE32;
	gdt[SEL_USER_CODE32 / 8] = DESC_USER_CODE32;
	gdt[SEL_USER_DATA / 8] = DESC_USER_DATA;
	gdt[SEL_USER_CODE64 / 8] = DESC_USER_CODE64;
	gdt[SEL_TSS / 8] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x89ULL << 40 |
			   (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
}

/* The CPU's GDT: its own first page, the shared rest, at one virtual range. */
static void gdt_create(struct cpu *c)
{
	u64 *own = page_alloc_zeroed(&root_quota, 0);

	BUG_ON(!own);
	gdt_fill(own, c->tss);
	c->gdt = kmap_reserve(GDT_PAGES);
	kmap_page(c->gdt, virt_to_phys(own), true);
	for (unsigned i = 1; i < XEN_GDT_PAGE; i++)
		kmap_page((char *)c->gdt + i * PAGE_SIZE, virt_to_phys(gdt_zero_page), false);
	kmap_page((char *)c->gdt + XEN_GDT_PAGE * PAGE_SIZE, virt_to_phys(gdt_xen_page), true);
}

/* A stack for each of the four special traps; its top holds the address of struct cpu, and with
 * isolation the kernel's CR3. */
static u64 ist_stack(struct cpu *c)
{
	char *s = kmap_shared_alloc(1);
	u64 *top;

	top = (u64 *)(s + IST_STACK_SIZE - 16);
	top[0] = (u64)c;
	top[1] = cpu_feat.need_kpti ? c->kernel_cr3 : 0;
	return (u64)top;
}

static void tss_create(struct cpu *c)
{
	c->tss = kmap_shared_alloc((sizeof(struct tss) + PAGE_MASK) / PAGE_SIZE);
	c->tss->io_base = TSS_IO_NONE;
	c->tss->io_bitmap[IO_BITMAP_BYTES] = 0xff;
	for (unsigned i = 0; i < 4; i++)
		c->tss->ist[i] = ist_stack(c);
}

static void load_tables(struct cpu *c)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) g = { GDT_LIMIT, (u64)c->gdt }, i = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lgdt %0" : : "m"(g));
	__asm__ volatile("lidt %0" : : "m"(i));
	__asm__ volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
			 :
			 : "i"(SEL_KERNEL_CODE)
			 : "rax", "memory");
	__asm__ volatile("mov %0, %%ss; mov %1, %%ds; mov %1, %%es; mov %1, %%fs; mov %1, %%gs"
			 :
			 : "r"(SEL_KERNEL_DATA), "r"(0));
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
	lldt(0); /* at reset there is a table at address 0, which is the programs' */
}

static void syscall_init(const struct cpu *c)
{
	wrmsr(0xc0000081, (u64)SEL_USER_CODE32 << 48 | (u64)SEL_KERNEL_CODE << 32); /* STAR */
	wrmsr(0xc0000082, (u64)(c->exit_work ? syscall_stub_work : syscall_stub));  /* LSTAR */
	wrmsr(0xc0000083, (u64)syscall32_stub);					    /* CSTAR */
	wrmsr(0xc0000084, 0xffffffffULL & ~0x2ULL);				    /* SFMASK */
	wrmsr(0x174, 0); /* SYSENTER_CS: the instruction raises #GP */
}

void desc_init_cpu(struct cpu *c)
{
	if (!gdt_xen_page)
		tables_init();
	c->kernel_cr3 = read_cr3();
	c->entry_top = (u64)(c->entry_stack + ARRAY_SIZE(c->entry_stack));
	c->verw_sel = SEL_KERNEL_DATA;
	c->exit_work =
	    (cpu_feat.need_kpti ? EXIT_ISOLATE : 0) | (cpu_feat.need_mds_clear ? EXIT_CLEAR : 0);
	tss_create(c);
	c->tss->rsp[0] = cpu_feat.need_kpti ? c->entry_top : c->regs_top;
	c->rsp0 =
	    cpu_feat.need_kpti ? &c->no_rsp0 : (u64 *)((char *)c->tss + offsetof(struct tss, rsp));
	c->space_odd = cpu_feat.need_kpti || cpu_feat.pcid || cpu_feat.need_retpoline_rsb_fill;
	gdt_create(c);
	if (cpu_feat.need_kpti)
		c->ldt_window = kmap_reserve(LDT_ENTRIES_MAX * 8 / PAGE_SIZE);
	load_tables(c);
	wrmsr(0xc0000101, (u64)c); /* GS base */
	wrmsr(0xc0000102, 0);
	syscall_init(c);
}

void desc_load_user_gdt(struct cpu *c, const u64 *entries)
{
	memcpy((u64 *)c->gdt + GDT_USER_FIRST, entries, GDT_USER_COUNT * 8);
}

bool desc_user_ok(u64 raw)
{
	bool present = raw >> 47 & 1, user = (raw >> 45 & 3) == 3, nonsystem = raw >> 44 & 1;

	return !present || (user && nonsystem);
}

void desc_load_io(struct cpu *c, struct io_space *io)
{
	c->io_loaded = io;
	c->odd |= io != NULL;
	c->tss->io_base = io ? TSS_IO_MAP : TSS_IO_NONE;
	if (!io)
		return;
	mfence(); /* io_bitmap_revoked() sees io_loaded, or we see what it has changed */
	memcpy(c->tss->io_bitmap, io_bitmap(io), IO_BITMAP_BYTES);
}
