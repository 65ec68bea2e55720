/* SPDX-License-Identifier: MIT */
/* Start of the kernel: from the boot stage to the first two programs. */
#include "bootinfo.h"
#include "core/cpu.h"
#include "core/kip.h"
#include "core/memory.h"
#include "core/print.h"
#include "core/sched.h"
#include "core/string.h"
#include "kdb/kdb.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "obj/debugger.h"
#include "obj/factory.h"
#include "obj/gate.h"
#include "obj/icu.h"
#include "obj/scheduler.h"
#include "obj/task.h"
#include "obj/thread.h"
#include "obj/vlog.h"
#include "x86_64/context.h"
#include "x86_64/directmap.h"
#include "x86_64/insn.h"
#include "x86_64/kmap.h"
#include "x86_64/panic.h"
#include <l4/sys/consts.h>

#define FIRST_UTCB   0x7fff000000ULL
#define SIGMA0_LABEL 0x40 /* client number 4, shifted */

struct cpu *cpus[MAX_CPUS];
unsigned cpus_online;
struct cpu limbo_cpu = { .self = &limbo_cpu, .number = MAX_CPUS };

static struct cpu boot_cpu __attribute__((section(".entry_data"), aligned(4096)));
static struct thread boot_idle __attribute__((aligned(KOBJECT_ALIGN)));
char boot_stack[KERNEL_STACK_SIZE] __attribute__((aligned(16), used));
extern char boot_stack_top[];
__asm__(".globl boot_stack_top; .set boot_stack_top, boot_stack + 16384");
_Static_assert(KERNEL_STACK_SIZE == 16384, "boot_stack_top");

static struct bootinfo boot;
static struct task *sigma0_task, *root_task;

void kernel_main(const struct bootinfo *bi) __attribute__((noreturn));

static void idle_thread_init(struct thread *t, struct cpu *c)
{
	kobject_init(&t->obj, KOBJ_THREAD, NULL, &root_quota);
	memcpy(t->obj.name, "idle", 5);
	t->cpu = c;
	t->state = THREAD_READY;
	t->cont = idle_loop;
	list_init(&t->ready_link);
	list_init(&t->gates);
	list_init(&t->irqs);
	list_init(&t->wait_link);
	c->idle = c->current = c->slice_owner = t;
}

static u64 random_word(void)
{
	u64 x = rdtsc() * 0x9e3779b97f4a7c15ULL;

	return (x ^ x >> 29) & ~0xffULL; /* a zero byte stops string overruns */
}

static void cpu_init(struct cpu *c, unsigned n, void *stack_top, struct thread *idle)
{
	c->self = c;
	c->number = n;
	c->stack_top = (u64)stack_top;
	c->canary = random_word();
	list_init(&c->zombies);
	list_init(&c->orphans);
	sched_init_cpu(c);
	idle_thread_init(idle, c);
	c->regs_top = (u64)(&idle->regs + 1);
	cpus[n] = c;
}

struct cpu *cpu_create(unsigned n)
{
	struct cpu *c = kmap_shared_alloc((sizeof(*c) + PAGE_MASK) / PAGE_SIZE);
	struct thread *idle = page_alloc_zeroed(&root_quota, 0);
	char *stack = page_alloc_zeroed(&root_quota, 2);

	BUG_ON(!idle || !stack);
	cpu_init(c, n, stack + KERNEL_STACK_SIZE, idle);
	return c;
}

void *smp_stack_for(unsigned n)
{
	if (!cpus[n])
		cpu_create(n);
	return (void *)cpus[n]->stack_top;
}

/* This CPU is ready for threads. */
static void cpu_online(struct cpu *c)
{
	c->apic_id = lapic_id();
	c->online = true;
	cpu_update_odd(c);
	c->switched_at = rdtsc();
	timer_init_cpu();
}

void smp_cpu_main(unsigned n)
{
	struct cpu *c = cpu_of(n);

	desc_init_cpu(c);
	cpu_online(c);
	__atomic_add_fetch(&cpus_online, 1, __ATOMIC_SEQ_CST);
	idle_loop(c->idle);
}

static u64 option_number(const char *name, u64 otherwise)
{
	char buf[24];
	u64 v = 0;

	if (!option_get(boot.cmdline, name, buf, sizeof(buf)) || !buf[0])
		return otherwise;
	for (const char *p = buf; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (u64)(*p - '0');
	return v;
}

/* The boot stage, kept mapped only as long as it takes to read its record. */
static void early_init(const struct bootinfo *bi)
{
	boot = *bi;
	wrmsr(0xc0000101, (u64)&boot_cpu);
	cpu_init(&boot_cpu, 0, boot_stack_top, &boot_idle);
	cpus_online = 1;
	directmap_init(phys(boot.kernel_phys));
	cpufeat_init(boot.cmdline);
	cpufeat_enable_this_cpu();
	console_init(&boot);
	kmap_init(phys_to_virt(phys(boot.page_table)));
}

static void protect_devices(void)
{
	memory_protect(phys(acpi.lapic_phys), PAGE_SIZE);
	for (unsigned i = 0; i < acpi.ioapics; i++)
		memory_protect(phys(acpi.ioapic[i].phys), PAGE_SIZE);
}

static void clock_start(void)
{
	clock_start_tsc = boot.start_tsc;
	clock_init();
	kip_clock_start = clock_start_tsc;
	kip_scale_us = clock_scale_us;
	kip_scale_ns = clock_scale_ns;
	*kip_word(KIP_CPU_KHZ) = tsc_khz;
}

static void platform_init(void)
{
	if (!memory_init(&boot, option_number("kmemsize", 0)))
		panic("too little memory for the kernel");
	acpi_init(phys(boot.rsdp));
	protect_devices();
	desc_init_cpu(&boot_cpu);
	lapic_init();
	timer_init_boot();
	cpu_online(&boot_cpu);
	clock_start();
	ioapic_init();
	icu_init();
}

static void cap_new(struct task *t, unsigned index, struct kobject *o)
{
	BUG_ON(captab_insert_new(&t->caps, index, o));
}

/* A program given as a module: task, thread with the fixed UTCB, not yet runnable. */
static struct thread *program_create(struct task *t, const char *name, u64 entry)
{
	struct thread *th = thread_create(&root_quota);

	BUG_ON(!th || task_add_ku(t, FIRST_UTCB, PAGE_SHIFT) || thread_bind(th, t, FIRST_UTCB));
	ksnprintf(th->obj.name, sizeof(th->obj.name), "%s", name);
	ksnprintf(t->obj.name, sizeof(t->obj.name), "%s", name);
	cap_new(t, L4_BASE_TASK_CAP >> 12, &t->obj);
	cap_new(t, L4_BASE_THREAD_CAP >> 12, &th->obj);
	th->regs.rip = entry;
	return th;
}

static void share_objects(void)
{
	struct kobject *const objs[] = { NULL,
					 NULL,
					 &factory_create_root()->obj,
					 NULL,
					 NULL,
					 vlog_object,
					 icu_object,
					 scheduler_object,
					 NULL,
					 NULL,
					 debugger_object };

	for (unsigned i = 0; i < ARRAY_SIZE(objs); i++) {
		if (!objs[i])
			continue;
		cap_new(sigma0_task, i, objs[i]);
		captab_map(&sigma0_task->caps, i, &root_task->caps, i, CAP_ALL, true, false);
	}
}

/* Gate of the root task to sigma0. */
static void connect_sigma0(struct thread *sigma0)
{
	struct gate *g = gate_create(&root_quota, sigma0, SIGMA0_LABEL);

	BUG_ON(!g);
	cap_new(root_task, L4_BASE_PAGER_CAP >> 12, &g->obj);
}

static void program_start(struct cpu *c, struct thread *t)
{
	t->cpu = c;
	t->quantum = us_to_tsc(DEFAULT_QUANTUM_US);
	t->state = THREAD_READY;
	sched_enqueue(c, t);
}

static void programs_start(struct cpu *c)
{
	struct thread *s, *r;

	sigma0_task = task_create(&root_quota, false);
	root_task = task_create(&root_quota, true);
	BUG_ON(!sigma0_task || !root_task);
	sigma0_task->is_sigma0 = true;
	sigma0_task->space.sigma0 = true;
	s = program_create(sigma0_task, "sigma0", *kip_word(KIP_SIGMA0_IP));
	r = program_create(root_task, "root", *kip_word(KIP_ROOT_IP));
	s->regs.rdi = virt_to_phys(kip).v;
	r->pager = L4_BASE_PAGER_CAP >> 12;
	share_objects();
	connect_sigma0(s);
	program_start(c, s);
	program_start(c, r);
}

void kernel_main(const struct bootinfo *bi)
{
	early_init(bi);
	platform_init();
	vlog_init();
	scheduler_init();
	panic_init(boot.cmdline);
	kdb_init(boot.cmdline);
	debugger_init();
	if (!debugger_object)
		kip_feature_jdb[0] = 0;
	smp_start(phys(boot.low_page), (unsigned)option_number("maxcpus", MAX_CPUS));
	printk("Zwinger: %u CPU%s, %llu KiB kernel memory\n", cpus_online,
	       cpus_online == 1 ? "" : "s", (unsigned long long)kmem_total_bytes() >> 10);
	programs_start(&boot_cpu);
	spin_lock(&boot_cpu.lock);
	schedule(&boot_cpu);
}
