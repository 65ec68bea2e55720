/* SPDX-License-Identifier: MIT */
/* The system starts: info page, log, sigma0's answers, a thread and a task that run. */
#include "thread.h"

#include <l4/sys/memdesc.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>
#include <l4/util/l4mod.h>

enum {
	S0_RAM = 0x60,
	S0_DEVICE = 0x70,
	S0_DEVICE_CACHED = 0x80,
	S0_ANY_RAM = 0x90,
	S0_KIP = 0xa0,
	S0_COVERAGE = 0xe0,
};

static volatile unsigned runs;

static void run_once(void *argument)
{
	(void)argument;
	ADD(runs, 1);
}

static void test_kip(void)
{
	const l4_kernel_info_t *kip = l4_kip();
	uint64_t before = clock_us();

	tap_is(kip->magic, L4_KERNEL_INFO_MAGIC, "KIP: magic");
	tap_is(l4_kip_version(kip), L4_KIP_VERSION_FIASCO, "KIP: version");
	tap_ok(l4_kip_kernel_has_feature(kip, "mapdb"), "KIP: feature mapdb");
	tap_ok(l4_kip_kernel_has_feature(kip, "pf_tramp"), "KIP: feature pf_tramp");
	tap_ok(l4_kip_kernel_has_feature(kip, "abiver:3"), "KIP: feature abiver:3");
	tap_ok(kip->frequency_cpu > 1000, "KIP: CPU frequency is set");
	spin_us(2000);
	tap_ok(clock_us() >= before + 2000, "KIP: the clock code counts microseconds");
	tap_ok(l4_kip_clock_ns(kip) / 1000 - clock_us() + 1000 < 2000,
	       "KIP: the nanosecond clock agrees with the microsecond clock");
}

/* The last descriptor of an address, as later ones override earlier ones; NULL: none. */
static const l4_kernel_info_mem_desc_t *descriptor_of(l4_addr_t address)
{
	const l4_kernel_info_mem_desc_t *d = l4_kernel_info_get_mem_descs(l4_kip());

	for (unsigned i = l4_kernel_info_get_num_mem_descs(l4_kip()); i-- > 0;)
		if (l4_kernel_info_get_mem_desc_type(&d[i]) &&
		    !l4_kernel_info_get_mem_desc_is_virtual(&d[i]) &&
		    l4_kernel_info_get_mem_desc_start(&d[i]) <= address &&
		    l4_kernel_info_get_mem_desc_end(&d[i]) >= address)
			return &d[i];
	return NULL;
}

static bool is_described(l4_addr_t address, unsigned type, unsigned sub_type)
{
	const l4_kernel_info_mem_desc_t *d = descriptor_of(address);

	return d && l4_kernel_info_get_mem_desc_type(d) == type &&
	       l4_kernel_info_get_mem_desc_subtype(d) == sub_type;
}

static bool has_descriptor(unsigned type, unsigned sub_type)
{
	const l4_kernel_info_mem_desc_t *d = l4_kernel_info_get_mem_descs(l4_kip());

	for (unsigned i = 0; i < l4_kernel_info_get_num_mem_descs(l4_kip()); i++)
		if (l4_kernel_info_get_mem_desc_type(&d[i]) == type &&
		    l4_kernel_info_get_mem_desc_subtype(&d[i]) == sub_type)
			return true;
	return false;
}

static void test_kip_fields(void)
{
	const l4_kernel_info_t *kip = l4_kip();

	tap_is(kip->mem_descs, 0x90, "KIP: offset of the memory descriptors");
	tap_is(kip->mem_descs_num, 64, "KIP: slots of memory descriptors");
	tap_is(kip->offset_version_strings << 4, 0x490, "KIP: offset of the version string");
	tap_is(kip->scheduler_granularity, 1, "KIP: granularity of a one-shot timer");
	tap_is(kip->platform_info.is_mp, 1, "KIP: several CPUs are supported");
	tap_is(kip->kip_sys_calls | kip->node, 0, "KIP: no system calls by call, one node");
	tap_ok(!strcmp(kip->platform_info.name, "amd64"), "KIP: name of the platform");
	tap_ok(is_described(kip->sigma0_ip, l4_mem_type_dedicated, 0),
	       "KIP: the entry of sigma0 is in dedicated memory");
	tap_ok(is_described(kip->root_ip, l4_mem_type_bootloader, L4_FPAGE_RX),
	       "KIP: the entry of the root task is in boot-loader memory with rights RX");
	tap_ok(has_descriptor(l4_mem_type_reserved, l4_mem_reserved_kernel) &&
		   has_descriptor(l4_mem_type_reserved, l4_mem_reserved_heap),
	       "KIP: the kernel's image and heap are reserved");
	tap_ok(!kip->acpi_rsdp_addr ||
		   is_described(kip->acpi_rsdp_addr, l4_mem_type_info, l4_mem_info_acpi_rsdp),
	       "KIP: a descriptor names the ACPI root pointer");
}

/* The boot modules as the root task sees them. */
static void test_modules(void)
{
	const l4util_l4mod_info *list = (const l4util_l4mod_info *)l4_kip()->user_ptr;
	const l4util_l4mod_mod *m = (const l4util_l4mod_mod *)list->mods_addr;
	unsigned n = list->mods_count;

	tap_ok(is_described((l4_addr_t)list, l4_mem_type_bootloader, L4_FPAGE_RW),
	       "modules: the list is in boot-loader memory");
	tap_ok(n >= 3 && m[n - 3].flags == L4util_l4mod_mod_flag_kernel &&
		   m[n - 2].flags == L4util_l4mod_mod_flag_sigma0 &&
		   m[n - 1].flags == L4util_l4mod_mod_flag_roottask,
	       "modules: kernel, sigma0 and root task are the last ones");
	tap_ok(m[n - 1].mod_start <= l4_kip()->root_ip && m[n - 1].mod_end > l4_kip()->root_ip &&
		   m[n - 2].mod_start <= l4_kip()->sigma0_ip &&
		   m[n - 2].mod_end > l4_kip()->sigma0_ip,
	       "modules: the programs' ranges hold their entries");
	tap_ok(strlen((const char *)m[n - 1].cmdline) > 0, "modules: the root task has a name");
	tap_is(memcmp((const char *)list->cmdline, "zwinger", 7), 0,
	       "modules: the kernel's command line begins with its name");
}

/* The last virtual conventional descriptor: the user address range. */
static void test_user_range(void)
{
	const l4_kernel_info_mem_desc_t *d = l4_kernel_info_get_mem_descs(l4_kip());
	l4_umword_t last = 0;

	for (unsigned i = 0; i < l4_kernel_info_get_num_mem_descs(l4_kip()); i++)
		if (l4_kernel_info_get_mem_desc_type(&d[i]) == l4_mem_type_conventional &&
		    l4_kernel_info_get_mem_desc_is_virtual(&d[i]))
			last = l4_kernel_info_get_mem_desc_end(&d[i]);
	tap_is((long)last, 0x7fffffffefffL, "KIP: user addresses end a page before 2^47");
}

static void test_initial_caps(void)
{
	static const struct {
		unsigned index;
		const char *name;
	} caps[] = { { 1, "task" }, { 2, "factory" }, { 3, "thread" },	 { 4, "sigma0" },
		     { 5, "log" },  { 6, "ICU" },     { 7, "scheduler" } };

	for (unsigned i = 0; i < ARRAY_SIZE(caps); i++)
		tap_ok(cap_exists((l4_cap_idx_t)caps[i].index << L4_CAP_SHIFT),
		       "root task: capability %u (%s) is there", caps[i].index, caps[i].name);
	tap_ok(!cap_exists(0), "root task: capability 0 is empty");
	tap_ok(!cap_exists(8UL << L4_CAP_SHIFT), "root task: there is no IOMMU (8)");
	tap_ok(!cap_exists(9UL << L4_CAP_SHIFT), "root task: capability 9 is empty");
	tap_is((long)l4_utcb(), 0x7fff000000L, "root task: UTCB address");
}

static void test_sigma0_errors(void)
{
	l4_addr_t kernel_info = (l4_addr_t)l4_kip();

	tap_is(sigma0_request(S0_RAM, l4_fpage(kernel_info, 12, 0), NULL), -L4_ENOMEM,
	       "sigma0: kernel memory is not RAM");
	tap_is(sigma0_request(S0_RAM, l4_fpage(0x1000, 13, 0), NULL), -L4_EINVAL,
	       "sigma0: an address that is not aligned to the order is refused");
	tap_is(sigma0_request(S0_ANY_RAM, l4_fpage(0, 11, 0), NULL), -L4_EINVAL,
	       "sigma0: less than a page is refused");
	tap_is(sigma0_request(S0_ANY_RAM, l4_fpage(0, 50, 0), NULL), -L4_ENOMEM,
	       "sigma0: more RAM than there is is refused");
	tap_is(sigma0_request(S0_DEVICE, l4_fpage(kernel_info, 12, 0), NULL), -L4_ENOMEM,
	       "sigma0: kernel memory is no device");
	tap_is(sigma0_request(S0_COVERAGE, l4_fpage_invalid(), NULL), -L4_ENOSYS,
	       "sigma0: unknown requests are refused");
}

static long sigma0_call(long label, l4_umword_t w0, unsigned words)
{
	buffers_all();
	mr_set(0, w0);
	return l4_error(
	    l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), l4_msgtag(label, words, 0, 0), L4_IPC_NEVER));
}

static void test_sigma0(void)
{
	l4_umword_t item;
	volatile unsigned *page = mem_alloc(12);

	*page = 1;
	tap_is(*page, 1, "sigma0: RAM can be written");
	tap_is(sigma0_request(S0_RAM, l4_fpage((l4_addr_t)page, 12, 0), &item), 0,
	       "sigma0: asking for own memory again succeeds");
	tap_is((long)(item & L4_PAGEMASK), (long)page,
	       "sigma0: the item's hot spot is the address");
	tap_is(sigma0_request(S0_DEVICE, l4_fpage(0xfec00000, 12, 0), NULL), 0,
	       "sigma0: device memory is mapped");
	tap_ok(mem_alloc(21) != NULL, "sigma0: a superpage of RAM");
	test_sigma0_errors();
	tap_is(sigma0_call(L4_PROTO_SIGMA0, 0x60, 2), -L4_ENOSYS, "sigma0: bad magic");
	tap_is(sigma0_call(77, 0, 1), -L4_EBADPROTO, "sigma0: unknown protocol");
	tap_is(sigma0_call(L4_PROTO_FACTORY, 1, 1), -L4_ENODEV, "sigma0: creates only clients");
	tap_is(sigma0_call(L4_PROTO_META, 0, 1), 3, "sigma0: meta protocol counts interfaces");
	tap_is(sigma0_call(L4_PROTO_IO_PAGE_FAULT, l4_iofpage(0x80, 0).raw, 1), 0,
	       "sigma0: an I/O port by explicit request");
	__asm__ volatile("outb %b0, $0x80" : : "a"(0));
	tap_ok(true, "sigma0: the port can be used");
}

/* A second client of sigma0, by the factory protocol. */
static void test_sigma0_client(void)
{
	l4_cap_idx_t gate = cap_alloc();
	void *mine = mem_alloc(12);
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_FACTORY, 1, 0, 0);

	buffers_cap(gate);
	mr_set(0, (l4_umword_t)L4_PROTO_SIGMA0);
	tag = l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), tag, L4_IPC_NEVER);
	buffers_none();
	tap_is(l4_error(tag), 0, "sigma0: makes a gate for a new client");
	tap_ok(cap_exists(gate), "sigma0: the client gate arrives");
	mr_set(0, ~0UL << 8 | S0_RAM);
	mr_set(1, l4_fpage((l4_addr_t)mine, 12, 0).raw);
	tag = l4_ipc_call(gate, l4_utcb(), l4_msgtag(L4_PROTO_SIGMA0, 2, 0, 0), L4_IPC_NEVER);
	tap_is(l4_error(tag), -L4_ENOMEM, "sigma0: memory of one client is refused to another");
}

static void test_threads(void)
{
	struct thread *t = thread_run(run_once, NULL, 0, 120);
	struct task *other = task_create();

	tap_ok(thread_join(t, 1000), "a thread of the same task runs");
	thread_destroy(t);
	t = thread_create(other, run_once, NULL);
	thread_start(t, 0, 120);
	tap_ok(thread_join(t, 1000), "a thread of another task runs, paged by the root task");
	tap_is(runs, 2, "both have written the same variable");
	thread_destroy(t);
	task_destroy(other);
	for (unsigned i = 1; i < cpu_count(); i++) {
		t = thread_run(run_once, NULL, i, 120);
		tap_ok(thread_join(t, 1000), "a thread runs on CPU %u", cpu_number(i));
		thread_destroy(t);
	}
}

void test_main(void)
{
	tap_diag("%s", l4_kip_version_string(l4_kip()));
	test_kip();
	test_kip_fields();
	test_modules();
	test_user_range();
	test_initial_caps();
	test_sigma0();
	test_sigma0_client();
	test_threads();
}
