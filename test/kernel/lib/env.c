/* SPDX-License-Identifier: MIT */
/* Capability slots, memory from sigma0, CPUs and time of a test program. */
#include "env.h"

#include <l4/sys/scheduler.h>
#include <l4/sys/task.h>

enum { CAP_FIRST = 0x40, CHUNKS_MAX = 256, REQUEST_ANY_RAM = 0x90, REQUEST_KIP = 0xa0 };

struct chunk {
	l4_addr_t start, end; /* end is exclusive */
};

extern char __executable_start[], _end[]; /* from the linker */
l4_kernel_info_t const *l4_global_kip;

static l4_cap_idx_t next_cap = CAP_FIRST;
static struct chunk chunks[CHUNKS_MAX];
static unsigned chunk_count;
static unsigned cpus[CPUS_MAX], cpus_found;

l4_cap_idx_t cap_alloc(void)
{
	return __atomic_fetch_add(&next_cap, 1, __ATOMIC_SEQ_CST) << L4_CAP_SHIFT;
}

bool cap_exists(l4_cap_idx_t cap)
{
	return l4_msgtag_label(l4_task_cap_valid(L4_BASE_TASK_CAP, cap)) == 1;
}

void cap_delete(l4_cap_idx_t cap)
{
	l4_task_delete_obj(L4_BASE_TASK_CAP, cap);
}

void buffers_none(void)
{
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = 0;
}

void buffers_cap(l4_cap_idx_t slot)
{
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = slot | L4_RCV_ITEM_SINGLE_CAP;
	l4_utcb_br()->br[1] = 0;
}

void buffers_all(void)
{
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = L4_ITEM_MAP;
	l4_utcb_br()->br[1] = l4_fpage_all().raw;
	l4_utcb_br()->br[2] = 0;
}

long sigma0_request(unsigned request, l4_fpage_t page, l4_umword_t *item0)
{
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_SIGMA0, 2, 0, 0);

	buffers_all();
	mr_set(0, ~0UL << 8 | request);
	mr_set(1, page.raw);
	tag = l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), tag, L4_IPC_NEVER);
	buffers_none();
	if (item0)
		*item0 = mr_get(0);
	return l4_error(tag);
}

void *mem_alloc(unsigned order)
{
	unsigned n = __atomic_fetch_add(&chunk_count, 1, __ATOMIC_SEQ_CST);
	l4_umword_t item = 0;
	long err = sigma0_request(REQUEST_ANY_RAM, l4_fpage(0, order, 0), &item);

	if (err < 0 || n >= CHUNKS_MAX)
		tap_bail("no memory of order %u from sigma0: %ld", order, err);
	chunks[n].start = item & L4_PAGEMASK;
	chunks[n].end = chunks[n].start + (1UL << order);
	return memset((void *)chunks[n].start, 0, 1UL << order);
}

void ports_get(unsigned port, unsigned order)
{
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_IO_PAGE_FAULT, 1, 0, 0);

	buffers_all();
	mr_set(0, l4_iofpage(port, order).raw);
	tag = l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), tag, L4_IPC_NEVER);
	buffers_none();
	if (l4_error(tag) < 0)
		tap_bail("sigma0 does not give port %x: %ld", port, l4_error(tag));
}

bool mem_is_own(l4_addr_t address)
{
	if (address >= (l4_addr_t)__executable_start && address < (l4_addr_t)_end)
		return true;
	for (unsigned i = 0; i < READ(chunk_count); i++)
		if (address >= chunks[i].start && address < chunks[i].end)
			return true;
	return false;
}

static void find_cpus(void)
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(0, 0, 0);
	l4_umword_t cpu_max = 0;
	l4_msgtag_t tag = l4_scheduler_info(L4_BASE_SCHEDULER_CAP, &cpu_max, &set);

	if (l4_error(tag) < 0)
		tap_bail("scheduler info fails: %ld", l4_error(tag));
	for (unsigned i = 0; i < CPUS_MAX && cpus_found < CPUS_MAX; i++)
		if (set.map >> i & 1)
			cpus[cpus_found++] = i;
}

unsigned cpu_count(void)
{
	return cpus_found;
}

unsigned cpu_number(unsigned n)
{
	return cpus[n];
}

uint64_t clock_us(void)
{
	return l4_kip_clock(l4_global_kip);
}

void spin_us(uint64_t us)
{
	uint64_t end = clock_us() + us;

	while (clock_us() < end)
		cpu_relax();
}

static l4_timeout_s one_timeout(uint64_t us)
{
	return us == TIMEOUT_NEVER ? L4_IPC_TIMEOUT_NEVER : l4_timeout_from_us(us);
}

l4_timeout_t timeout_us(uint64_t send, uint64_t receive)
{
	return l4_timeout(one_timeout(send), one_timeout(receive));
}

void sleep_us(uint64_t us)
{
	l4_ipc_sleep(timeout_us(TIMEOUT_NEVER, us));
}

/* Have sigma0 map the whole program, so that no test sees a page fault that it does not cause. */
static void touch_image(void)
{
	for (volatile char *p = __executable_start; p < _end; p += PAGE_BYTES)
		(void)*p;
}

void env_init(void)
{
	l4_umword_t kip = 0;

	touch_image();
	if (sigma0_request(REQUEST_KIP, l4_fpage_invalid(), &kip) < 0)
		tap_bail("sigma0 does not give the kernel info page");
	l4_global_kip = (l4_kernel_info_t const *)(kip & L4_PAGEMASK);
	find_cpus();
}
