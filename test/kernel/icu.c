/* SPDX-License-Identifier: MIT */
/*
 * Interrupt controller: info, bind, modes, and real interrupts: the edge of the RTC (pin 8), the
 * level of a PCI device (QEMU's "edu") and its MSI.
 */
#include "rtc.h"
#include "thread.h"

#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>

enum { MSI0 = 0x80000000U };
#define LIMIT	timeout_us(500000, 500000)
#define BRIEF	timeout_us(0, 3000)
#define SLOT(n) ((l4_cap_idx_t)(FREE_CAP_FIRST + (n)) << L4_CAP_SHIFT)

static l4_icu_info_t info;

static long bind(unsigned pin, l4_cap_idx_t irq)
{
	return l4_error(l4_icu_bind(L4_BASE_ICU_CAP, pin, irq));
}

static void test_info_and_errors(void)
{
	l4_cap_idx_t irq = irq_create(), second = irq_create(), weak = SLOT(0);
	l4_icu_msi_info_t msi;

	tap_is(l4_error(l4_icu_info(L4_BASE_ICU_CAP, &info)), 0, "info");
	tap_ok(info.nr_irqs >= 24, "there are at least 24 pins");
	tap_ok(info.features & 0x80000000, "MSIs are available");
	tap_ok(info.nr_msis > 100, "there are more than 100 MSIs");
	tap_is(bind(info.nr_irqs, irq), -L4_EINVAL, "bind: no such pin");
	tap_is(bind(RTC_PIN, L4_BASE_TASK_CAP), -L4_EINVAL, "bind: only interrupts and semaphores");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(irq, 0, L4_CAP_FPAGE_RS),
		    weak | L4_ITEM_MAP);
	tap_is(bind(RTC_PIN, weak), -L4_EPERM, "bind: needs W");
	tap_is(bind(RTC_PIN, irq), 0, "bind");
	tap_is(bind(RTC_PIN, second), -L4_EINVAL, "bind: pin in use");
	tap_is(l4_error(l4_icu_unbind(L4_BASE_ICU_CAP, RTC_PIN, irq)), 0, "unbind");
	tap_is(bind(RTC_PIN, second), 0, "then another can be bound");
	tap_is(l4_error(l4_icu_set_mode(L4_BASE_ICU_CAP, info.nr_irqs, L4_IRQ_F_POS_EDGE)),
	       -L4_EINVAL, "set mode: no such pin");
	tap_is(l4_error(l4_icu_msi_info(L4_BASE_ICU_CAP, RTC_PIN, 0, &msi)), -L4_ERANGE,
	       "MSI info: not an MSI");
	tap_is(l4_error(l4_icu_msi_info(L4_BASE_ICU_CAP, MSI0 + info.nr_msis, 0, &msi)), -L4_ERANGE,
	       "MSI info: no such MSI");
	mr_set(0, L4_ICU_OP_BIND);
	tap_is(l4_error(l4_ipc_call(L4_BASE_ICU_CAP, l4_utcb(), l4_msgtag(L4_PROTO_IRQ, 1, 0, 0),
				    LIMIT)),
	       -L4_EMSGTOOSHORT, "bind: too few words");
	cap_delete(irq);
	cap_delete(second);
}

/* An interrupt object has one source at a time: a pin, or the end of a thread's gates. */
static void test_one_source(void)
{
	l4_cap_idx_t a = irq_create(), b = irq_create(), c = irq_create();

	tap_is(bind(RTC_PIN, a), 0, "one source: bind");
	tap_is(bind(RTC_PIN, a), 0, "one source: bind again to the same pin");
	tap_is(bind(9, b), 0, "one source: another one to another pin");
	tap_is(bind(9, a), -L4_EINVAL, "one source: that pin is in use");
	tap_is(bind(RTC_PIN, c), -L4_EINVAL, "one source: after the error the old pin is bound");
	tap_is(bind(10, a), 0, "one source: bind to a free pin");
	tap_is(bind(RTC_PIN, c), 0, "one source: then the old pin is free");
	tap_is(l4_error(l4_thread_register_del_irq(L4_BASE_THREAD_CAP, a)), 0,
	       "one source: the deletion interrupt of a thread");
	tap_is(l4_error(l4_thread_register_del_irq(L4_BASE_THREAD_CAP, c)), -L4_EBUSY,
	       "one source: of which there is one");
	tap_is(bind(RTC_PIN, b), -L4_EINVAL, "one source: after the error the pin is bound");
	tap_is(bind(10, b), 0, "one source: a deletion interrupt has no pin any more");
	tap_is(bind(9, a), 0, "one source: a pin for what was the deletion interrupt");
	tap_is(l4_error(l4_thread_register_del_irq(L4_BASE_THREAD_CAP, c)), 0,
	       "one source: then another one can be that");
	cap_delete(a);
	cap_delete(b);
	cap_delete(c);
}

static void test_edge(void)
{
	l4_cap_idx_t irq = irq_create();
	l4_umword_t label = 0;

	rtc_open();
	l4_icu_set_mode(L4_BASE_ICU_CAP, RTC_PIN, L4_IRQ_F_POS_EDGE);
	tap_is(bind(RTC_PIN, irq), 0, "edge: bind the RTC");
	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x88);
	l4_irq_unmask(irq);
	rtc_periodic(true);
	for (unsigned i = 0; i < 3; i++) {
		tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)), 0, "edge: interrupt %u",
		       i);
		tap_is((long)label, 0x88, "edge: its label");
		rtc_acknowledge();
	}
	l4_icu_mask(L4_BASE_ICU_CAP, RTC_PIN, NULL, L4_IPC_NEVER);
	rtc_acknowledge();
	l4_ipc_wait(l4_utcb(), &label, L4_IPC_BOTH_TIMEOUT_0);
	rtc_acknowledge();
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, BRIEF)), L4_IPC_RETIMEOUT,
	       "edge: nothing arrives while masked");
	l4_icu_unmask(L4_BASE_ICU_CAP, RTC_PIN, NULL, L4_IPC_NEVER);
	rtc_acknowledge();
	tap_is(ipc_error(l4_irq_receive(irq, LIMIT)), 0, "edge: unmasked it comes again");
	rtc_periodic(false);
	cap_delete(irq);
}

static void test_semaphore_pin(void)
{
	l4_cap_idx_t sem = semaphore_create();

	tap_is(bind(RTC_PIN, sem), 0, "a semaphore can be bound to a pin");
	rtc_periodic(true);
	for (unsigned i = 0; i < 3; i++) {
		tap_is(l4_error(l4_semaphore_down(sem, LIMIT)), 0,
		       "the interrupt counts it up (%u)", i);
		rtc_acknowledge();
	}
	sleep_us(20000);
	rtc_acknowledge(); /* without a waiter it counts once and is held back */
	sleep_us(20000);
	for (unsigned i = 0; i < 3; i++) {
		tap_is(l4_error(l4_semaphore_down(sem, LIMIT)), 0,
		       "it comes again when the counter has been taken down (%u)", i);
		rtc_acknowledge();
	}
	rtc_periodic(false);
	cap_delete(sem);
}

/* --- PCI configuration space through the ports of the host bridge --- */

enum {
	PCI_ADDRESS = 0xcf8,
	PCI_DATA = 0xcfc,
	EDU_ID = 0x11e81234,
	EDU_RAISE = 0x60,
	EDU_ACK = 0x64
};

static unsigned edu; /* device and function, shifted for PCI_ADDRESS; 0: none */
static volatile uint32_t *edu_regs;

static uint32_t pci_read(unsigned dev, unsigned reg)
{
	out32(PCI_ADDRESS, 0x80000000U | dev | reg);
	return in32(PCI_DATA);
}

static void pci_write(unsigned dev, unsigned reg, uint32_t value)
{
	out32(PCI_ADDRESS, 0x80000000U | dev | reg);
	out32(PCI_DATA, value);
}

static bool find_edu(void)
{
	ports_get(PCI_ADDRESS, 3);
	for (unsigned slot = 1; slot < 32 && !edu; slot++)
		if (pci_read(slot << 11, 0) == EDU_ID)
			edu = slot << 11;
	if (!edu)
		return false;
	pci_write(edu, 4, pci_read(edu, 4) | 6);
	edu_regs = (volatile uint32_t *)(uintptr_t)(pci_read(edu, 0x10) & ~0xfU);
	return sigma0_request(0x70, l4_fpage((l4_addr_t)edu_regs, 20, 0), NULL) == 0;
}

/* Bind irq to every pin that the device may be wired to. */
static void bind_level_pins(l4_cap_idx_t *irq, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		irq[i] = irq_create();
		l4_icu_set_mode(L4_BASE_ICU_CAP, first + i, L4_IRQ_F_LEVEL_HIGH);
		bind(first + i, irq[i]);
		l4_rcv_ep_bind_thread(irq[i], L4_BASE_THREAD_CAP, i);
		l4_irq_unmask(irq[i]);
	}
}

static void test_level(void)
{
	bool q35 = pci_read(0, 0) != 0x12378086;
	unsigned first = q35 ? 16 : 10, count = q35 ? 8 : 2;
	l4_cap_idx_t irq[8];
	l4_umword_t label = 0;

	bind_level_pins(irq, first, count);
	edu_regs[EDU_RAISE / 4] = 1;
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)), 0, "level: the interrupt arrives");
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, BRIEF)), L4_IPC_RETIMEOUT,
	       "level: not again before it is unmasked");
	l4_irq_unmask(irq[label % count]);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, LIMIT)), 0,
	       "level: unmasked while the line is active it comes again");
	edu_regs[EDU_ACK / 4] = 1;
	l4_irq_unmask(irq[label % count]);
	tap_is(ipc_error(l4_ipc_wait(l4_utcb(), NULL, BRIEF)), L4_IPC_RETIMEOUT,
	       "level: nothing after the device is quiet");
	for (unsigned i = 0; i < count; i++)
		cap_delete(irq[i]);
}

static unsigned find_msi_capability(void)
{
	unsigned at = pci_read(edu, 0x34) & 0xfc;

	while (at && (pci_read(edu, at) & 0xff) != 5)
		at = pci_read(edu, at) >> 8 & 0xfc;
	return at;
}

static void test_msi(void)
{
	l4_cap_idx_t irq = irq_create();
	unsigned at = find_msi_capability();
	l4_icu_msi_info_t msi = { .msi_addr = 0 };
	l4_umword_t label = 0;

	l4_rcv_ep_bind_thread(irq, L4_BASE_THREAD_CAP, 0x321);
	tap_is(bind(MSI0 + 3, irq), 0, "MSI: bind");
	tap_is(l4_error(l4_icu_msi_info(L4_BASE_ICU_CAP, MSI0 + 3, edu >> 8 | 1 << 18, &msi)), 0,
	       "MSI: info");
	tap_is((long)(msi.msi_addr & ~0xff000UL), 0xfee00000, "MSI: address");
	tap_ok((msi.msi_data & 0xff) >= 0x20, "MSI: vector");
	pci_write(edu, at + 4, (uint32_t)msi.msi_addr);
	pci_write(edu, at + 8, (uint32_t)(msi.msi_addr >> 32));
	pci_write(edu, at + 12, msi.msi_data);
	pci_write(edu, at, pci_read(edu, at) | 1 << 16);
	for (unsigned i = 0; i < 3; i++) {
		edu_regs[EDU_RAISE / 4] = 1;
		tap_is(ipc_error(l4_ipc_wait(l4_utcb(), &label, LIMIT)), 0, "MSI: interrupt %u", i);
		tap_is((long)label, 0x321, "MSI: its label");
		edu_regs[EDU_ACK / 4] = 1;
	}
	pci_write(edu, at, pci_read(edu, at) & ~(1U << 16));
	cap_delete(irq);
}

void test_main(void)
{
	test_info_and_errors();
	test_one_source();
	test_edge();
	test_semaphore_pin();
	if (find_edu()) {
		test_level();
		test_msi();
	} else {
		tap_skip("no edu device", "level and MSI interrupts");
	}
}
