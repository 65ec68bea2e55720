/* SPDX-License-Identifier: MIT */
/* Interrupt pins and the platform interrupt controller object. */
#include "obj/icu.h"
#include "core/print.h"
#include "core/sched.h"
#include "mm/kmem.h"
#include "obj/platform.h"
#include "obj/semaphore.h"
#include "x86_64/msi.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

enum { ICU_BIND, ICU_UNBIND, ICU_INFO, ICU_MSI_INFO, ICU_UNMASK, ICU_MASK, ICU_MODE };

#define MSI_BIT	       0x80000000u
#define ICU_HAS_MSI    (1u << 31)
#define DEVICE_VECTORS (VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1)
#define MSI_PINS       (DEVICE_VECTORS - 16)

static struct pin *gsi_pins, msi_pins[MSI_PINS];
static unsigned gsi_count;
static struct pin *vector_pin[256];
static struct spinlock vector_lock;
static void (*claimed_fn)(void);
static unsigned claimed_pin = ~0u;

static u8 vector_alloc(struct pin *p)
{
	u8 v = 0;

	spin_lock(&vector_lock);
	for (unsigned i = VECTOR_DEVICE_FIRST; i <= VECTOR_DEVICE_LAST && !v; i++)
		if (!vector_pin[i])
			v = (u8)i;
	if (v)
		vector_pin[v] = p;
	spin_unlock(&vector_lock);
	return v;
}

static void vector_release(struct pin *p)
{
	if (p->vector)
		WRITE_ONCE(vector_pin[p->vector], NULL);
	p->vector = 0;
}

void pin_mask(struct pin *p, bool mask)
{
	if (p->kind == PIN_IOAPIC)
		ioapic_mask(p->number, mask);
}

void pin_fire(struct pin *p)
{
	struct irq_base *b;

	spin_lock(&p->lock);
	b = p->target;
	spin_unlock(&p->lock);
	if (b)
		irq_base_fire(b);
}

void icu_interrupt(struct cpu *c, unsigned vector)
{
	struct pin *p = READ_ONCE(vector_pin[vector]);

	(void)c;
	if (p && p->kind == PIN_IOAPIC && p->number == claimed_pin)
		claimed_fn();
	else if (p)
		pin_fire(p);
	lapic_eoi();
}

/* Detach b from p if that is its target. */
static void pin_release(struct pin *p, struct irq_base *b)
{
	spin_lock(&p->lock);
	if (p->target == b) {
		pin_mask(p, true);
		p->target = NULL;
		vector_release(p);
	}
	spin_unlock(&p->lock);
}

void pin_unbind(struct irq_base *b)
{
	struct pin *p;

	spin_lock(&b->irq_lock);
	p = b->pin;
	b->pin = NULL;
	spin_unlock(&b->irq_lock);
	if (p)
		pin_release(p, b);
}

/* Where an interrupt that is meant for this CPU is sent: here, or to the first CPU if interrupt
 * messages have no room for this one's id. Vectors mean the same on all CPUs. */
static u32 reachable_apic_id(void)
{
	u32 id = this_cpu()->apic_id;

	return id <= APIC_ID_LAST ? id : cpu_of(0)->apic_id;
}

void pin_follow(struct pin *p, const struct cpu *home)
{
	if (p->kind != PIN_IOAPIC || home == &limbo_cpu || home->apic_id > APIC_ID_LAST ||
	    home->apic_id == p->apic_id)
		return;
	p->apic_id = home->apic_id;
	ioapic_move(p->number, p->apic_id);
}

/* Give the pin a vector, and route it to this CPU. Pin lock held. */
static bool pin_route(struct pin *p)
{
	if (p->kind == PIN_SOFT)
		return true;
	p->vector = vector_alloc(p);
	if (!p->vector)
		return false;
	p->apic_id = reachable_apic_id();
	if (p->kind == PIN_MSI || ioapic_route(p->number, p->vector, p->apic_id, p->mode) == 0)
		return true;
	vector_release(p);
	return false;
}

/* Reserve the free pin p for b. */
static bool pin_claim(struct pin *p, struct irq_base *b)
{
	bool ok;

	spin_lock(&p->lock);
	ok = !p->target && pin_route(p);
	if (ok)
		p->target = b;
	spin_unlock(&p->lock);
	return ok;
}

static u64 pin_bind(struct pin *p, struct irq_base *b)
{
	bool ok;

	if (!pin_claim(p, b))
		return READ_ONCE(p->target) == b ? 0 : reply_error(-L4_EINVAL);
	pin_unbind(b);
	spin_lock(&b->irq_lock);
	ok = !b->obj.dead && !b->pin; /* or another CPU was faster: to destroy or to bind it */
	if (ok) {
		b->pin = p;
		b->level = p->kind == PIN_IOAPIC && (p->mode & PIN_LEVEL);
		irq_pin_bound(b);
		irq_source_mask(b, b->masked);
	}
	spin_unlock(&b->irq_lock);
	if (!ok)
		pin_release(p, b);
	return ok ? 0 : reply_error(-L4_EINVAL);
}

static bool is_irq(const struct kobject *o)
{
	return o->type == KOBJ_IRQ || o->type == KOBJ_SEMAPHORE;
}

static u64 method_bind(struct invocation *inv, struct pin *p, bool bind)
{
	struct cap_ref ref = invocation_cap(inv);

	if (!ref.obj)
		return ref.error;
	if (!is_irq(ref.obj) || !p)
		return reply_error(-L4_EINVAL);
	if (!bind) {
		if (irq_base_of(ref.obj)->pin == p)
			pin_unbind(irq_base_of(ref.obj));
		return 0;
	}
	if (!(ref.rights & CAP_W))
		return reply_error(-L4_EPERM);
	return pin_bind(p, irq_base_of(ref.obj));
}

/* Mode word of the interface: bit 0 set mode, 1 level, 2 low or falling. */
static u64 method_mode(struct pin *p, u64 mode)
{
	if (!(mode & 1) || p->kind != PIN_IOAPIC)
		return 0;
	spin_lock(&p->lock);
	p->mode = (u8)((mode & 2 ? PIN_LEVEL : 0) | (mode & 4 ? PIN_LOW : 0));
	if (p->vector)
		ioapic_route(p->number, p->vector, p->apic_id, p->mode);
	if (p->target) {
		p->target->level = mode & 2;
		pin_mask(p, p->target->masked);
	}
	spin_unlock(&p->lock);
	return 0;
}

static u64 method_mask(struct pin *p, bool mask)
{
	struct irq_base *b = p ? p->target : NULL;

	if (b) {
		spin_lock(&b->irq_lock);
		b->masked = mask;
		irq_source_mask(b, mask);
		spin_unlock(&b->irq_lock);
	} else if (p) {
		pin_mask(p, true);
	}
	return REPLY_NONE;
}

static u64 method_msi_info(struct invocation *inv, struct pin *p)
{
	struct msi_message m;

	if (!p || p->kind != PIN_MSI || msi_compose(p->vector, reachable_apic_id(), &m))
		return reply_error(-L4_ERANGE);
	reply_mr(inv)[0] = m.address;
	reply_mr(inv)[1] = m.data;
	return reply_words(0, 2);
}

static u64 icu_info(struct invocation *inv, unsigned count, bool platform)
{
	u64 *mr = reply_mr(inv);

	mr[0] = platform ? ICU_HAS_MSI : 0;
	mr[1] = count;
	mr[2] = platform ? MSI_PINS : 0;
	return reply_words(0, 3);
}

/* NULL also for the pin that the kernel uses itself. */
static struct pin *find_pin(struct pin *pins, unsigned count, u64 n)
{
	if (pins == gsi_pins && (n & MSI_BIT))
		return (n & ~(u64)MSI_BIT) < MSI_PINS ? &msi_pins[n & ~(u64)MSI_BIT] : NULL;
	return n < count && !(pins == gsi_pins && n == claimed_pin) ? &pins[n] : NULL;
}

u64 icu_methods(struct invocation *inv, struct pin *pins, unsigned count)
{
	unsigned words = inv_words(inv), op;
	struct pin *p;

	if (!words)
		return reply_error(-L4_EMSGTOOSHORT);
	op = inv->mr[0] & 0xffff;
	if (op == ICU_INFO)
		return icu_info(inv, count, pins == gsi_pins);
	if (op > ICU_MODE)
		return reply_error(-L4_ENOSYS);
	if ((op == ICU_MASK || op == ICU_UNMASK) && words < 2)
		return REPLY_NONE;
	if (words < (op == ICU_MODE || op == ICU_MSI_INFO ? 3u : 2u))
		return reply_error(-L4_EMSGTOOSHORT);
	p = find_pin(pins, count, READ_ONCE(inv->mr[1]));
	switch (op) {
	case ICU_BIND:
	case ICU_UNBIND:
		return method_bind(inv, p, op == ICU_BIND);
	case ICU_MSI_INFO:
		return pins == gsi_pins ? method_msi_info(inv, p) : reply_error(-L4_ENOSYS);
	case ICU_MODE:
		return p ? method_mode(p, inv->mr[2]) : reply_error(-L4_EINVAL);
	default:
		return method_mask(p, op == ICU_MASK);
	}
}

static u64 icu_invoke(struct kobject *o, struct invocation *inv)
{
	(void)o;
	if (inv_proto(inv) == L4_PROTO_IRQ)
		return icu_methods(inv, gsi_pins, gsi_count);
	if (inv_proto(inv) == 0)
		return platform_methods(inv);
	return reply_error(-L4_EBADPROTO);
}

static bool never_destroyed(struct kobject *o)
{
	(void)o;
	return true;
}

static const struct kobject_ops icu_ops = { "icu", icu_invoke, never_destroyed, NULL };
static struct kobject icu_obj __attribute__((aligned(KOBJECT_ALIGN)));
struct kobject *icu_object = &icu_obj;

void icu_init(void)
{
	gsi_count = ioapic_pins();
	if (gsi_count > PAGE_SIZE * 4 / sizeof(struct pin))
		gsi_count = PAGE_SIZE * 4 / sizeof(struct pin);
	gsi_pins = page_alloc_zeroed(&root_quota, 2);
	BUG_ON(!gsi_pins);
	for (unsigned i = 0; i < gsi_count; i++) {
		gsi_pins[i].number = i;
		gsi_pins[i].kind = PIN_IOAPIC;
		gsi_pins[i].mode = i < 16 ? 0 : PIN_LEVEL | PIN_LOW;
	}
	for (unsigned i = 0; i < MSI_PINS; i++) {
		msi_pins[i].number = i | MSI_BIT;
		msi_pins[i].kind = PIN_MSI;
	}
	kobject_init(&icu_obj, KOBJ_ICU, &icu_ops, &root_quota);
}

void icu_claim(unsigned pin, void (*fn)(void))
{
	struct pin *p = pin < gsi_count ? &gsi_pins[pin] : NULL;

	if (!p)
		return;
	claimed_fn = fn;
	claimed_pin = pin;
	if (pin_route(p))
		ioapic_mask(pin, false);
}
