/* SPDX-License-Identifier: MIT */
/*
 * Host test of the bindings' messages: the system call is replaced by stub/l4/sys/syscall_defs.h,
 * which records. Each binding must send exactly the words, items and phases of the interface.
 */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <l4/sys/debugger.h>
#include <l4/sys/dma_space.h>
#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/iommu.h>
#include <l4/sys/ipc.h>
#include <l4/sys/ipc_gate.h>
#include <l4/sys/irq.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/ktrace.h>
#include <l4/sys/meta.h>
#include <l4/sys/pf_trampoline.h>
#include <l4/sys/platform_control.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/segment.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include <l4/sys/thread_group.h>
#include <l4/sys/vcon.h>
#include <l4/sys/vcpu_context.h>
#include <l4/zwinger/task.h>
#include <l4/zwinger/vcpu_ext.h>
#include <l4/zwinger/view.h>

#include "tap.h"

enum { ARCH_SET_GS_CODE = 0x1001, OBJ = 0x5000, ARG = 0x9000 };

/* Second word of an item that names ARG: object flexpage, order 0, rights RWS. */
#define ARG_ITEM 8, (ARG | 3 << 4 | 7)

struct recorded_call recorded;
static l4_utcb_t my_utcb;

l4_msgtag_t record_call(l4_umword_t selector, l4_utcb_t *utcb, l4_umword_t slabel, l4_msgtag_t tag,
			l4_umword_t *rlabel, l4_timeout_t timeout)
{
	recorded.selector = selector;
	recorded.slabel = slabel;
	recorded.tag = tag;
	recorded.timeout = timeout;
	recorded.count++;
	if (utcb) {
		recorded.utcb = *utcb;
		memcpy(utcb->mr.mr, recorded.answer_mr, sizeof(recorded.answer_mr));
	}
	if (rlabel)
		*rlabel = recorded.answer_label;
	return recorded.answer;
}

/* Did the last call go to selector with tag (label, words, items, flags) and these registers? */
static void sent(char const *name, l4_umword_t selector, l4_msgtag_t tag, l4_umword_t const *mr,
		 unsigned count)
{
	int good =
	    recorded.count == 1 && recorded.selector == selector && recorded.tag.raw == tag.raw;

	for (unsigned i = 0; i < count; i++)
		good &= recorded.utcb.mr.mr[i] == mr[i];
	if (!good)
		printf("# selector %lx tag %lx calls %u\n", recorded.selector,
		       (unsigned long)recorded.tag.raw, recorded.count);
	ok(good, name);
	memset(&recorded, 0, sizeof(recorded));
}

#define MRS(...)                                \
	((l4_umword_t const[]){ __VA_ARGS__ }), \
	    sizeof((l4_umword_t const[]){ __VA_ARGS__ }) / sizeof(l4_umword_t)
#define CALLED(name, proto, words, items, ...) \
	sent(name, OBJ | 3, l4_msgtag(proto, words, items, 0), MRS(__VA_ARGS__))

static void test_phases(void)
{
	l4_umword_t label = 0;
	l4_msgtag_t tag = l4_msgtag(7, 1, 0, 0);

	l4_ipc_call(OBJ, l4_utcb(), tag, L4_IPC_NEVER);
	sent("call is send and closed receive", OBJ | 3, tag, NULL, 0);
	l4_ipc_send(OBJ, l4_utcb(), tag, L4_IPC_NEVER);
	sent("send has no receive phase", OBJ | 1, tag, NULL, 0);
	l4_ipc_receive(OBJ, l4_utcb(), L4_IPC_NEVER);
	sent("receive has no send phase", OBJ | 2, l4_msgtag(0, 0, 0, 0), NULL, 0);
	recorded.answer_label = 0x1230;
	l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	sent("wait is an open wait on no capability", L4_INVALID_CAP | 6, l4_msgtag(0, 0, 0, 0),
	     NULL, 0);
	ok(label == 0x1230, "wait gives the label back");
	l4_ipc_reply_and_wait(l4_utcb(), tag, &label, L4_IPC_SEND_TIMEOUT_0);
	ok(recorded.timeout.raw == 0x04000000, "the timeout is passed on");
	sent("reply and wait uses the reply capability", L4_INVALID_CAP | 0xf, tag, NULL, 0);
	l4_ipc_send_and_wait(OBJ, l4_utcb(), tag, &label, L4_IPC_NEVER);
	sent("send and wait", OBJ | 7, tag, NULL, 0);
	l4_ipc_send(L4_SYSF_REPLY, l4_utcb(), tag, L4_IPC_SEND_TIMEOUT_0);
	sent("a send to L4_SYSF_REPLY is a reply", 9, tag, NULL, 0);
	l4_ipc_sleep(L4_IPC_NEVER);
	sent("sleep receives from oneself", L4_INVALID_CAP | 2, l4_msgtag(0, 0, 0, 0), NULL, 0);
}

static void test_errors(void)
{
	l4_msgtag_t failed = l4_msgtag(0, 0, 0, L4_MSGTAG_ERROR);

	my_utcb.tcr.error = 0x103;
	ok(l4_error(failed) == -2003, "an IPC error is -2000 - code");
	ok(l4_ipc_error(failed, l4_utcb()) == L4_IPC_RETIMEOUT, "its code has five bits");
	ok(l4_ipc_error(l4_msgtag(-1, 0, 0, 0), l4_utcb()) == 0, "no code without the flag");
	ok(l4_error(l4_msgtag(-22, 0, 0, 0)) == -22, "otherwise the label is the result");
	ok(l4_ipc_is_rcv_error(l4_utcb()) && !l4_ipc_is_snd_error(l4_utcb()), "odd: receive phase");
}

static void test_items(void)
{
	l4_msgtag_t tag = l4_msgtag(5, 61, 0, 0);

	ok(l4_sndfpage_add(l4_fpage(0x4000, 12, 4), 0x7000, &tag) == 0 &&
	       tag.raw == l4_msgtag(5, 61, 1, 0).raw && my_utcb.mr.mr[61] == 0x7009 &&
	       my_utcb.mr.mr[62] == l4_fpage(0x4000, 12, 4).raw,
	   "an item goes behind the words and is counted");
	ok(l4_sndfpage_add(l4_fpage_all(), 0, &tag) == -L4_ENOMEM, "a full message is refused");
}

static void test_task(void)
{
	l4_fpage_t pages[2] = { l4_fpage(0x1000, 12, 7), l4_fpage(0x2000, 12, 7) };

	l4_task_map(OBJ, ARG, pages[0], 0x3000);
	CALLED("task map", L4_PROTO_TASK, 3, 1, 0, 0x3000, pages[0].raw, ARG_ITEM);
	l4_task_unmap(OBJ, pages[0], L4_FP_ALL_SPACES);
	CALLED("task unmap", L4_PROTO_TASK, 3, 0, 1, 0x80000000, pages[0].raw);
	l4_task_unmap_batch(OBJ, pages, 2, 0);
	CALLED("task unmap batch", L4_PROTO_TASK, 4, 0, 1, 0, pages[0].raw, pages[1].raw);
	ok(l4_task_unmap_batch(OBJ, pages, 62, 0).raw == l4_msgtag(-1002, 0, 0, 0).raw &&
	       recorded.count == 0,
	   "a batch that does not fit is refused");
	l4_task_delete_obj(OBJ, ARG);
	CALLED("task delete object", L4_PROTO_TASK, 3, 0, 1, 0xc0000000, ARG | 0x3f);
	l4_task_release_cap(OBJ, ARG);
	CALLED("task release capability", L4_PROTO_TASK, 3, 0, 1, 0x80000000, ARG | 0x3f);
	l4_task_cap_valid(OBJ, ARG);
	CALLED("task capability valid", L4_PROTO_TASK, 2, 0, 2, ARG);
	l4_task_cap_equal(OBJ, ARG, OBJ);
	CALLED("task capability equal", L4_PROTO_TASK, 3, 0, 2, ARG, OBJ);
	l4_task_add_ku_mem(OBJ, pages[1]);
	CALLED("task add kernel-user memory", L4_PROTO_TASK, 2, 0, 3, pages[1].raw);
}

static void test_thread_control(void)
{
	memset(&my_utcb.mr, 0xff, sizeof(my_utcb.mr));
	l4_thread_control_start();
	l4_thread_control_pager(0x4000);
	l4_thread_control_exc_handler(0x6000);
	l4_thread_control_commit(OBJ);
	CALLED("thread control without bind", L4_PROTO_THREAD, 6, 0, 0x1010000, 0x4000, 0x6000);
	l4_thread_control_start();
	l4_thread_control_alien(1);
	l4_thread_control_bind((l4_utcb_t *)0xb3000000, ARG);
	l4_thread_control_commit(OBJ);
	ok(recorded.utcb.mr.mr[4] == 0x400000 && recorded.utcb.mr.mr[5] == 0xb3000000 &&
	       recorded.utcb.mr.mr[6] == 8 && recorded.utcb.mr.mr[7] == (ARG | 3 << 4 | 7),
	   "thread control: flag values, UTCB, task item");
	CALLED("thread control with bind", L4_PROTO_THREAD, 6, 1, 0x600000);
}

static void test_thread(void)
{
	l4_addr_t ip = 1, sp = 2;
	l4_umword_t flags = L4_THREAD_EX_REGS_CANCEL;
	l4_kernel_clock_t us = 0;

	recorded.answer_mr[0] = 0x202;
	recorded.answer_mr[1] = 0x400000;
	recorded.answer_mr[2] = 0x7000;
	l4_thread_ex_regs_ret(OBJ, &ip, &sp, &flags);
	CALLED("thread ex_regs", L4_PROTO_THREAD, 3, 0, 0x10001, 1, 2);
	ok(flags == 0x202 && ip == 0x400000 && sp == 0x7000, "ex_regs gives the old values back");
	l4_thread_switch(OBJ);
	CALLED("thread switch", L4_PROTO_THREAD, 1, 0, 2);
	recorded.answer_mr[0] = 77;
	l4_thread_stats_time(OBJ, &us);
	CALLED("thread statistics", L4_PROTO_THREAD, 1, 0, 3);
	ok(us == 77, "thread statistics give microseconds");
	l4_thread_vcpu_resume_commit(OBJ, l4_thread_vcpu_resume_start());
	CALLED("vCPU resume", L4_PROTO_THREAD, 1, 0, 4);
	l4_thread_register_del_irq(OBJ, ARG);
	CALLED("thread deletion interrupt", L4_PROTO_THREAD, 1, 1, 5, ARG_ITEM);
	l4_thread_vcpu_control(OBJ, 0xa000);
	CALLED("vCPU control", L4_PROTO_THREAD, 2, 0, 7, 0xa000);
	l4_thread_vcpu_control_ext(OBJ, 0xa000);
	CALLED("vCPU control, extended", L4_PROTO_THREAD, 2, 0, 0x10007, 0xa000);
	l4_zw_thread_vcpu_control_ext(OBJ, 0xa000);
	CALLED("vCPU control, Zwinger's", L4_PROTO_THREAD, 2, 0, 0x20007, 0xa000);
	l4_thread_register_doorbell_irq(OBJ, ARG);
	CALLED("thread doorbell interrupt", L4_PROTO_THREAD, 1, 1, 8, ARG_ITEM);
	l4_thread_yield();
	ok(recorded.timeout.raw == 0x04000400, "yield does not wait");
	sent("yield receives from oneself", L4_INVALID_CAP | 2, l4_msgtag(0, 0, 0, 0), NULL, 0);
}

static void test_thread_rest(void)
{
	l4_msgtag_t tag = l4_thread_modify_sender_start();
	unsigned ds = 0, cs = 0, cs32 = 0;

	for (l4_umword_t i = 0; i < 15; i++)
		l4_thread_modify_sender_add(i, i, 0, 3, &tag);
	ok(l4_thread_modify_sender_add(0, 0, 0, 0, &tag) == -L4_ENOMEM, "15 rules, no more");
	l4_thread_modify_sender_commit(OBJ, tag);
	CALLED("thread modify senders", L4_PROTO_THREAD, 61, 0, 6, 0, 0, 0, 3, 1, 1, 0, 3);
	l4_thread_pf_trampoline_setup(OBJ, 0xa000);
	CALLED("trampoline setup", L4_PROTO_THREAD, 2, 0, 9, 0xa000);
	l4_thread_pf_trampoline_op(OBJ, L4_THREAD_PF_TRAMPOLINE_DISABLE_OP);
	CALLED("trampoline disable", L4_PROTO_THREAD, 1, 0, 0x30009);
	fiasco_amd64_set_segment_base(OBJ, L4_AMD64_SEGMENT_GS, 0xbbbb, l4_utcb());
	CALLED("set GS base", L4_PROTO_THREAD, 2, 0, 0x10012, 0xbbbb);
	fiasco_amd64_set_fs(OBJ, 0xaaaa, l4_utcb());
	CALLED("set FS base", L4_PROTO_THREAD, 2, 0, 0x12, 0xaaaa);
	recorded.answer_mr[0] = 0x2b;
	recorded.answer_mr[1] = 0x33;
	recorded.answer_mr[2] = 0x23;
	fiasco_amd64_segment_info(OBJ, &ds, &cs, &cs32, l4_utcb());
	CALLED("segment info", L4_PROTO_THREAD, 1, 0, 0x13);
	ok(ds == 0x2b && cs == 0x33 && cs32 == 0x23, "segment info: data, 64-bit, 32-bit code");
	fiasco_gdt_set(OBJ, (l4_umword_t[]){ 11, 22 }, 16, 1, l4_utcb());
	CALLED("set GDT entries", L4_PROTO_THREAD, 4, 0, 0x10, 1, 11, 22);
}

static void test_factory(void)
{
	l4_msgtag_t tag = l4_factory_create_start_u(0x4000, ARG, l4_utcb());

	l4_factory_create_add_int_u(-5, &tag, l4_utcb());
	l4_factory_create_add_str_u("rom/a.b", &tag, l4_utcb());
	l4_factory_create_add_nil_u(&tag, l4_utcb());
	l4_factory_create_commit_u(OBJ, tag, l4_utcb());
	CALLED("factory arguments", L4_PROTO_FACTORY, 6, 0, 0x4000, 0x80081, (l4_umword_t)-5,
	       0x80002, 0x00622e612f6d6f72, 0);
	l4_factory_create_thread(OBJ, ARG);
	ok(recorded.utcb.br.bdr == 0 && recorded.utcb.br.br[0] == (ARG | 0xa),
	   "factory: receive buffer is one slot");
	CALLED("factory create thread", L4_PROTO_FACTORY, 1, 0, (l4_umword_t)-12);
	l4_factory_create_task(OBJ, ARG, l4_fpage(0xb3000000, 12, 0));
	CALLED("factory create task", L4_PROTO_FACTORY, 3, 0, (l4_umword_t)-11, 0x80003,
	       0xb3000000 | 12 << 6 | 1 << 4);
	l4_factory_create_factory(OBJ, 0x8000, 65536);
	CALLED("factory create factory", L4_PROTO_FACTORY, 3, 0, (l4_umword_t)-15, 0x80001, 65536);
	l4_factory_create_gate(OBJ, 0x8000, ARG, 0x40);
	CALLED("factory create gate", L4_PROTO_FACTORY, 3, 1, 0, 0x80001, 0x40, ARG_ITEM);
	l4_factory_create_gate(OBJ, 0x8000, L4_INVALID_CAP, 0);
	CALLED("factory create unbound gate", L4_PROTO_FACTORY, 3, 0, 0, 0x80001, 0);
	l4_factory_create_irq(OBJ, 0x8000);
	CALLED("factory create interrupt", L4_PROTO_FACTORY, 1, 0, (l4_umword_t)-18);
	l4_factory_create_vm(OBJ, 0x8000);
	CALLED("factory create VM", L4_PROTO_FACTORY, 1, 0, (l4_umword_t)-16);
	l4_factory_create_dma_space(OBJ, 0x8000);
	CALLED("factory create DMA space", L4_PROTO_FACTORY, 1, 0, (l4_umword_t)-17);
	l4_factory_create_vcpu_context(OBJ, 0x8000);
	CALLED("factory create vCPU context", L4_PROTO_FACTORY, 1, 0, (l4_umword_t)-25);
	l4_zw_factory_create_view(OBJ, 0x8000, ARG, 65536);
	CALLED("factory create view", L4_PROTO_FACTORY, 3, 1, (l4_umword_t)-64, 0x80001, 65536,
	       ARG_ITEM);
	l4_zw_factory_create_task_upper(OBJ, 0x8000, l4_fpage(0x10000, 13, 0));
	CALLED("factory create task with the upper half", L4_PROTO_FACTORY, 5, 0, (l4_umword_t)-11,
	       0x80000 | L4_VARG_TYPE_FPAGE, l4_fpage(0x10000, 13, 0).raw, 0x80001, 1);
}

static void test_endpoints(void)
{
	l4_umword_t label = 0;
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_IRQ, 1, 0, 0);

	l4_rcv_ep_bind_thread(OBJ, ARG, 0x120);
	CALLED("endpoint bind", L4_PROTO_KOBJECT, 2, 1, 0x10, 0x120, ARG_ITEM);
	recorded.answer_mr[0] = 0x120;
	l4_ipc_gate_get_infos(OBJ, &label);
	CALLED("gate info", L4_PROTO_KOBJECT, 1, 0, 0x11);
	ok(label == 0x120, "gate info gives the label");
	l4_kobject_dec_refcnt(OBJ, 1);
	CALLED("decrease reference count", L4_PROTO_KOBJECT, 2, 0, 0, 1);
	l4_irq_detach(OBJ);
	CALLED("interrupt detach", L4_PROTO_IRQ_SENDER, 1, 0, 1);
	l4_irq_trigger(OBJ);
	ok(recorded.timeout.raw == 0x04000400, "a trigger does not block");
	sent("interrupt trigger", OBJ | 1, l4_msgtag(L4_PROTO_IRQ, 0, 0, 0), NULL, 0);
	l4_irq_receive(OBJ, L4_IPC_NEVER);
	CALLED("interrupt receive unmasks", L4_PROTO_IRQ, 1, 0, 4);
	l4_irq_wait(OBJ, &label, L4_IPC_NEVER);
	sent("interrupt wait unmasks", OBJ | 7, tag, MRS(4));
	l4_irq_unmask(OBJ);
	sent("interrupt unmask", OBJ | 1, tag, MRS(4));
	l4_semaphore_up(OBJ);
	sent("semaphore up", OBJ | 1, l4_msgtag(L4_PROTO_IRQ, 0, 0, 0), NULL, 0);
	l4_semaphore_down(OBJ, L4_IPC_NEVER);
	CALLED("semaphore down", L4_PROTO_SEMAPHORE, 1, 0, 0);
	l4_thread_group_add(OBJ, ARG);
	CALLED("thread group add", L4_PROTO_THREAD_GROUP, 1, 1, 2, ARG_ITEM);
}

static void test_icu(void)
{
	l4_icu_info_t info = { 0 };
	l4_icu_msi_info_t msi = { 0 };

	l4_icu_bind(OBJ, 9, ARG);
	CALLED("ICU bind", L4_PROTO_IRQ, 2, 1, 0, 9, ARG_ITEM);
	l4_icu_unbind(OBJ, 9, ARG);
	CALLED("ICU unbind", L4_PROTO_IRQ, 2, 1, 1, 9, ARG_ITEM);
	recorded.answer_mr[0] = L4_ICU_FLAG_MSI;
	recorded.answer_mr[1] = 24;
	recorded.answer_mr[2] = 190;
	l4_icu_info(OBJ, &info);
	CALLED("ICU info", L4_PROTO_IRQ, 1, 0, 2);
	ok(info.features == L4_ICU_FLAG_MSI && info.nr_irqs == 24 && info.nr_msis == 190,
	   "ICU info gives features and numbers");
	recorded.answer_mr[0] = 0xfee00000;
	recorded.answer_mr[1] = 0xffff00004031;
	l4_icu_msi_info(OBJ, L4_ICU_FLAG_MSI | 1, 0x40018, &msi);
	CALLED("ICU MSI info", L4_PROTO_IRQ, 3, 0, 3, 0x80000001, 0x40018);
	ok(msi.msi_addr == 0xfee00000 && msi.msi_data == 0x4031, "MSI data is 32 bits");
	l4_icu_unmask(OBJ, 9, NULL, L4_IPC_NEVER);
	sent("ICU unmask", OBJ | 1, l4_msgtag(L4_PROTO_IRQ, 2, 0, 0), MRS(4, 9));
	l4_icu_mask(OBJ, 9, &(l4_umword_t){ 0 }, L4_IPC_NEVER);
	sent("ICU mask and wait", OBJ | 7, l4_msgtag(L4_PROTO_IRQ, 2, 0, 0), MRS(5, 9));
	l4_icu_set_mode(OBJ, 9, L4_IRQ_F_LEVEL_LOW);
	CALLED("ICU set mode", L4_PROTO_IRQ, 3, 0, 6, 9, 7);
}

static void test_scheduler(void)
{
	l4_sched_cpu_set_t set = l4_sched_cpu_set(0, 0, 0);
	l4_sched_param_t param = l4_sched_param(20, 5000);
	l4_umword_t max = 0;
	l4_kernel_clock_t us = 0;

	recorded.answer_mr[0] = 3;
	recorded.answer_mr[1] = 64;
	l4_scheduler_info(OBJ, &max, &set);
	CALLED("scheduler info", L4_PROTO_SCHEDULER, 2, 0, 0, 0);
	ok(set.map == 3 && max == 64, "scheduler info gives CPUs and their maximum");
	l4_scheduler_run_thread(OBJ, ARG, &param);
	CALLED("scheduler run", L4_PROTO_SCHEDULER, 5, 1, 1, 0xff000000, 1, 20, 5000, ARG_ITEM);
	recorded.answer_mr[0] = 99;
	l4_scheduler_idle_time(OBJ, &set, &us);
	CALLED("scheduler idle time", L4_PROTO_SCHEDULER, 3, 0, 2, 0, 3);
	recorded.answer_mr[0] = 1;
	ok(us == 99 && l4_scheduler_is_online(OBJ, 1), "idle time and online state");
	CALLED("scheduler is online", L4_PROTO_SCHEDULER, 2, 0, 0, 1);
}

static void test_vcon(void)
{
	l4_vcon_attr_t attr = { 1, 2, 3 };
	char buf[16] = { 0 };

	ok(l4_vcon_write(OBJ, "Hello, World", 12) == 12, "vcon write returns the length");
	sent("vcon write", OBJ | 1, l4_msgtag(L4_PROTO_LOG, 4, 0, L4_MSGTAG_SCHEDULE),
	     MRS(0, 12, 0x57202c6f6c6c6548));
	recorded.answer_mr[0] = L4_VCON_READ_STAT_DONE | L4_VCON_READ_STAT_BREAK | 2;
	recorded.answer_mr[1] = 0x6261;
	ok(l4_vcon_read_with_flags(OBJ, buf, 8) == (L4_VCON_READ_STAT_BREAK | 2) &&
	       !strcmp(buf, "ab"),
	   "vcon read gives bytes and break");
	CALLED("vcon read", L4_PROTO_LOG, 1, 0, 8 << 16 | 1);
	recorded.answer_mr[0] = 8;
	ok(l4_vcon_read(OBJ, buf, 8) == 9, "vcon read tells of more to read");
	CALLED("vcon read of a part", L4_PROTO_LOG, 1, 0, 8 << 16 | 1);
	l4_vcon_set_attr(OBJ, &attr);
	CALLED("vcon set attributes", L4_PROTO_LOG, 4, 0, 2, 1, 2, 3);
	l4_vcon_get_attr(OBJ, &attr);
	CALLED("vcon get attributes", L4_PROTO_LOG, 1, 0, 3);
	ok(attr.i_flags == 0 && attr.l_flags == 0, "vcon attributes come from words 1..3");
}

static void test_others(void)
{
	char name[8];
	long proto = 0;

	l4_platform_ctl_system_shutdown(OBJ, 1);
	CALLED("platform shutdown", 0, 2, 0, 1, 1);
	l4_platform_ctl_cpu_allow_shutdown(OBJ, 2, 1);
	CALLED("platform allow CPU shutdown", 0, 3, 0, 2, 2, 1);
	l4_iommu_bind(OBJ, l4_iommu_src_id(1, 2, 0x18), ARG);
	CALLED("IOMMU bind", L4_PROTO_IOMMU, 2, 1, 0, 0x100040218, ARG_ITEM);
	l4_meta_supports(OBJ, -13);
	CALLED("meta supports", L4_PROTO_META, 2, 0, 2, (l4_umword_t)-13);
	recorded.answer_mr[0] = 0x4001;
	recorded.answer_mr[1] = 4;
	recorded.answer_mr[2] = 0x636261;
	ok(l4_meta_interface(OBJ, 0, &proto, name, 8) == 0 && proto == 0x4001 &&
	       !strcmp(name, "abc"),
	   "meta interface gives protocol and name");
	CALLED("meta interface", L4_PROTO_META, 2, 0, 1, 0);
	l4_debugger_set_object_name(ARG, "moe");
	sent("debugger set name", L4_BASE_DEBUGGER_CAP | 3, l4_msgtag(L4_PROTO_DEBUGGER, 2, 1, 0),
	     MRS(0x100, 0x656f6d, ARG_ITEM));
	my_utcb.mr.mr[0] = 42;
	l4_kd_outstring("hi");
	sent("debugger print", L4_BASE_DEBUGGER_CAP | 3, l4_msgtag(L4_PROTO_DEBUGGER, 3, 0, 0),
	     MRS(2, 2));
	ok(my_utcb.mr.mr[0] == 42, "debugger print keeps the message registers");
}

static void test_trace(void)
{
	l4_umword_t selector = L4_BASE_DEBUGGER_CAP | 3;
	unsigned char data[24] = { 1, [8] = 2, [16] = 3 };

	my_utcb.mr.mr[0] = 42;
	fiasco_tbuf_log("abc");
	sent("trace: a text", selector, l4_msgtag(L4_PROTO_DEBUGGER, 3, 0, 0), MRS(0x201, 3));
	fiasco_tbuf_log_3val("xy", 7, 8, 9);
	sent("trace: three values", selector, l4_msgtag(L4_PROTO_DEBUGGER, 6, 0, 0),
	     MRS(0x204, 7, 8, 9, 2));
	fiasco_tbuf_log_binary(data);
	sent("trace: binary data", selector, l4_msgtag(L4_PROTO_DEBUGGER, 5, 0, 0),
	     MRS(0x205, 24, 1, 2, 3));
	fiasco_tbuf_clear();
	sent("trace: clear", selector, l4_msgtag(L4_PROTO_DEBUGGER, 2, 0, 0), MRS(0x202));
	fiasco_tbuf_dump();
	sent("trace: dump", selector, l4_msgtag(L4_PROTO_DEBUGGER, 2, 0, 0), MRS(0x203));
	ok(my_utcb.mr.mr[0] == 42, "trace keeps the message registers");
}

static void test_view(void)
{
	l4_zw_view_entry_t entries[32] = { { 0x1006, 0x2000 }, { 0x3004, 0x4000 } };
	l4_zw_view_range_t range = { 0x7000, 0x2000 };
	l4_zw_view_info_t info = { 0 };
	unsigned filled = 9;

	recorded.answer = l4_msgtag(-L4_EFAULT, 1, 0, 0);
	recorded.answer_mr[0] = 1;
	l4_zw_view_fill(OBJ, entries, 2, &filled);
	CALLED("view fill", L4_PROTO_VIEW, 5, 0, 0, 0x1006, 0x2000, 0x3004, 0x4000);
	ok(filled == 1, "view fill tells how many came before the refused entry");
	l4_zw_view_fill(OBJ, entries, 32, &filled);
	ok(filled == 0 && recorded.count == 0, "32 entries are refused");
	l4_zw_view_fill(OBJ, entries, 31, NULL);
	CALLED("31 entries fit", L4_PROTO_VIEW, 63, 0, 0);
	l4_zw_view_drop(OBJ, &range, 1);
	CALLED("view drop", L4_PROTO_VIEW, 3, 0, 1, 0x7000, 0x2000);
	l4_zw_view_drop(OBJ, &range, 0);
	ok(recorded.count == 0, "dropping no range does not drop all");
	l4_zw_view_drop_all(OBJ);
	CALLED("view drop all", L4_PROTO_VIEW, 1, 0, 1);
	recorded.answer_mr[0] = 3;
	recorded.answer_mr[1] = 16;
	recorded.answer_mr[2] = 7;
	l4_zw_view_info(OBJ, &info);
	CALLED("view info", L4_PROTO_VIEW, 1, 0, 2);
	ok(info.pages_used == 3 && info.pages_limit == 16 && info.forced_drops == 7,
	   "view info gives pages, limit and drops");
}

int main(void)
{
	my_utcb.self = (l4_umword_t)&my_utcb;
	if (syscall(SYS_arch_prctl, ARCH_SET_GS_CODE, &my_utcb.self))
		return 1;
	ok(l4_utcb() == &my_utcb, "the word at gs:0 is the UTCB address");
	test_phases();
	test_errors();
	test_items();
	test_task();
	test_thread_control();
	test_thread();
	test_thread_rest();
	test_factory();
	test_endpoints();
	test_icu();
	test_scheduler();
	test_vcon();
	test_others();
	test_trace();
	test_view();
	return tap_done();
}
