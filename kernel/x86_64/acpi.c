/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables (ACPI 6.5, chapter 5): processors, interrupt controllers, timers, power and reset
 * registers. Only reads, and trusts nothing in the tables: a table is used when it lies below
 * 4 GiB, its length is sane and its bytes sum to zero, and each field is read through an accessor
 * that returns 0 beyond the end of its table.
 */
#include "core/string.h"
#include "x86_64/platform.h"

struct acpi_info acpi;

enum {
	TABLE_HEADER = 36,
	TABLE_MAX = 2 << 20, /* bytes; longer is taken for garbage */
	ROOT_MAX = 128,	     /* tables that are looked at */
	SPACE_MEMORY = 0,
	SPACE_IO = 1,
	LAPIC_ENABLED = 1,
	PM1_TYPE_SHIFT = 10,
};

struct table {
	const u8 *base;
	u32 len; /* bytes */
};

/* --- Access --- */

/* n little-endian bytes at off; 0 when they are not all inside the table. */
static u64 get(const struct table *t, u32 off, unsigned n)
{
	u64 v = 0;

	if (off > t->len || n > t->len - off)
		return 0;
	while (n--)
		v = v << 8 | t->base[off + n];
	return v;
}

static bool range_ok(u64 pa, u64 len)
{
	return pa && pa < 1ull << 32 && len <= (1ull << 32) - pa;
}

static bool sums_to_zero(const u8 *p, u32 len)
{
	u8 sum = 0;

	while (len--)
		sum = (u8)(sum + *p++);
	return !sum;
}

/* The table at physical address pa, if it is one and has this signature. */
static bool table_open(u64 pa, const char *signature, struct table *t)
{
	if (!range_ok(pa, TABLE_HEADER))
		return false;
	t->base = phys_to_virt(phys(pa));
	t->len = TABLE_HEADER;
	if (memcmp(t->base, signature, 4) != 0)
		return false;
	t->len = (u32)get(t, 4, 4);
	return t->len >= TABLE_HEADER && t->len <= TABLE_MAX && range_ok(pa, t->len) &&
	       sums_to_zero(t->base, t->len);
}

/* --- Root tables --- */

struct root {
	struct table t;
	u32 entry; /* bytes of a pointer: 8 in the XSDT, 4 in the RSDT */
	u32 count;
};

static bool root_open(phys_t rsdp, struct root *r)
{
	struct table t = { .len = 36 };

	if (!range_ok(rsdp.v, t.len))
		return false;
	t.base = phys_to_virt(rsdp);
	if (memcmp(t.base, "RSD PTR ", 8) != 0 || !sums_to_zero(t.base, 20))
		return false;
	r->entry = 8;
	if (get(&t, 15, 1) < 2 || !sums_to_zero(t.base, 36) ||
	    !table_open(get(&t, 24, 8), "XSDT", &r->t)) {
		r->entry = 4;
		if (!table_open(get(&t, 16, 4), "RSDT", &r->t))
			return false;
	}
	r->count = (u32)min_u64((r->t.len - TABLE_HEADER) / r->entry, ROOT_MAX);
	return true;
}

/* Table i of the root, if it has this signature. */
static bool root_open_entry(const struct root *r, u32 i, const char *signature, struct table *t)
{
	return table_open(get(&r->t, TABLE_HEADER + i * r->entry, r->entry), signature, t);
}

/* The first table with this signature. */
static bool root_find(const struct root *r, const char *signature, struct table *t)
{
	for (u32 i = 0; i < r->count; i++)
		if (root_open_entry(r, i, signature, t))
			return true;
	return false;
}

/* --- MADT: processors and interrupt controllers (5.2.12) --- */

static void add_cpu(struct acpi_info *a, u32 apic_id, u64 flags)
{
	if (!(flags & LAPIC_ENABLED) || a->cpus == MAX_CPUS)
		return;
	for (unsigned i = 0; i < a->cpus; i++)
		if (a->cpu_apic_id[i] == apic_id)
			return;
	a->cpu_apic_id[a->cpus++] = apic_id;
}

static void add_ioapic(struct acpi_info *a, const struct table *e)
{
	u64 pa = get(e, 4, 4);

	if (a->ioapics == ARRAY_SIZE(a->ioapic) || !pa || pa & 15)
		return;
	a->ioapic[a->ioapics].phys = pa;
	a->ioapic[a->ioapics].gsi_base = (u32)get(e, 8, 4);
	a->ioapic[a->ioapics].id = (u8)get(e, 2, 1);
	a->ioapics++;
}

/* Polarity (bits 0, 1) and trigger mode (bits 2, 3): 3 is low or level, 0 the default of the bus.
 */
static void add_override(struct acpi_info *a, const struct table *e)
{
	u64 irq = get(e, 3, 1), flags = get(e, 8, 2);

	if (get(e, 2, 1) != 0 || irq >= ARRAY_SIZE(a->isa_irq))
		return;
	a->isa_irq[irq].gsi = (u32)get(e, 4, 4);
	a->isa_irq[irq].mode =
	    ((flags & 3) == 3 ? PIN_LOW : 0) | ((flags >> 2 & 3) == 3 ? PIN_LEVEL : 0);
}

static void madt_entry(struct acpi_info *a, const struct table *e)
{
	enum { LAPIC = 0, IOAPIC = 1, OVERRIDE = 2, LAPIC_ADDRESS = 5, X2APIC = 9 };
	static const u8 min_len[] = {
		[LAPIC] = 8, [IOAPIC] = 12, [OVERRIDE] = 10, [LAPIC_ADDRESS] = 12, [X2APIC] = 16
	};
	u64 type = get(e, 0, 1);

	if (type >= ARRAY_SIZE(min_len) || e->len < min_len[type])
		return;
	switch (type) {
	case LAPIC:
		add_cpu(a, (u32)get(e, 3, 1), get(e, 4, 4));
		break;
	case IOAPIC:
		add_ioapic(a, e);
		break;
	case OVERRIDE:
		add_override(a, e);
		break;
	case LAPIC_ADDRESS:
		a->lapic_phys = get(e, 4, 8);
		break;
	case X2APIC:
		add_cpu(a, (u32)get(e, 4, 4), get(e, 8, 4));
		break;
	}
}

static void parse_madt(struct acpi_info *a, const struct root *r)
{
	struct table t, e;

	if (!root_find(r, "APIC", &t))
		return;
	a->lapic_phys = get(&t, 36, 4);
	a->has_8259 = get(&t, 40, 4) & 1;
	for (u32 off = 44; off + 2 <= t.len; off += e.len) {
		e.base = t.base + off;
		e.len = (u32)get(&t, off + 1, 1);
		if (e.len < 2 || e.len > t.len - off)
			break;
		madt_entry(a, &e);
	}
}

/* --- \_S5: the values that switch the machine off --- */

/* An AML integer constant; *off moves behind it. Anything else ends in false. */
static bool aml_integer(const struct table *t, u32 *off, u64 *v)
{
	enum { ZERO = 0, ONE = 1, BYTE = 0x0a, WORD = 0x0b, DWORD = 0x0c };
	u64 op = get(t, (*off)++, 1);

	switch (op) {
	case ZERO:
	case ONE:
		*v = op;
		return true;
	case BYTE:
	case WORD:
	case DWORD: {
		unsigned n = 1u << (op - BYTE);

		*v = get(t, *off, n);
		*off += n;
		return *off <= t->len;
	}
	default:
		return false;
	}
}

/* off: behind the name. Package with the values for PM1a and PM1b first (ACPI 6.5, 7.4.2). */
static bool s5_package(struct acpi_info *a, const struct table *t, u32 off)
{
	enum { PACKAGE_OP = 0x12 };
	u64 typa, typb;

	if (get(t, off, 1) != PACKAGE_OP)
		return false;
	off += 1 + 1 + (u32)(get(t, off + 1, 1) >> 6); /* the length has 1 to 4 bytes */
	if (get(t, off++, 1) < 1 || !aml_integer(t, &off, &typa))
		return false;
	if (!aml_integer(t, &off, &typb))
		typb = typa;
	a->slp_typa = (u16)((typa & 7) << PM1_TYPE_SHIFT);
	a->slp_typb = (u16)((typb & 7) << PM1_TYPE_SHIFT);
	return true;
}

/* Name (_S5, Package ...): found by its bytes, there is no AML interpreter here. */
static bool find_s5(struct acpi_info *a, const struct table *t)
{
	enum { NAME_OP = 0x08 };

	for (u32 off = TABLE_HEADER + 1; off + 8 <= t->len; off++) {
		if (t->base[off] != '_' || memcmp(t->base + off, "_S5_", 4) != 0)
			continue;
		u32 op = t->base[off - 1] == '\\' ? off - 2 : off - 1;

		if (t->base[op] == NAME_OP && s5_package(a, t, off + 4))
			return true;
	}
	return false;
}

/* --- FADT: power, reset, PM timer (5.2.9) --- */

/* Port of a register block: extended address if given and an I/O port, else the old field. */
static u32 fadt_port(const struct table *t, u32 old, u32 extended)
{
	u64 port = get(t, extended + 4, 8);

	if (!port || get(t, extended, 1) != SPACE_IO)
		port = get(t, old, 4);
	return port <= 0xffff ? (u32)port : 0;
}

static void parse_reset(struct acpi_info *a, const struct table *t)
{
	enum { FLAG_RESET_REG = 1 << 10 };

	if (!(get(t, 112, 4) & FLAG_RESET_REG) || t->len < 129)
		return;
	a->reset_space = (u8)get(t, 116, 1);
	a->reset_addr = get(t, 120, 8);
	a->reset_value = (u8)get(t, 128, 1);
	a->has_reset = a->reset_space <= 2 && a->reset_addr;
}

static void parse_s5(struct acpi_info *a, const struct root *r, const struct table *fadt)
{
	struct table t;
	u64 dsdt = get(fadt, 140, 8);

	if (!dsdt)
		dsdt = get(fadt, 40, 4);
	if (table_open(dsdt, "DSDT", &t))
		a->has_s5 = find_s5(a, &t);
	for (u32 i = 0; !a->has_s5 && i < r->count; i++)
		if (root_open_entry(r, i, "SSDT", &t))
			a->has_s5 = find_s5(a, &t);
	a->has_s5 = a->has_s5 && a->pm1a_cnt;
}

static void parse_fadt(struct acpi_info *a, const struct root *r)
{
	enum { FLAG_TIMER_32BIT = 1 << 8 };
	struct table t;

	if (!root_find(r, "FACP", &t))
		return;
	a->smi_cmd = (u32)get(&t, 48, 4);
	a->acpi_enable = (u8)get(&t, 52, 1);
	a->pm1a_cnt = fadt_port(&t, 64, 172);
	a->pm1b_cnt = fadt_port(&t, 68, 184);
	a->pm_timer_port = fadt_port(&t, 76, 208);
	a->pm_timer_32bit = get(&t, 112, 4) & FLAG_TIMER_32BIT;
	parse_reset(a, &t);
	parse_s5(a, r, &t);
}

static void parse_hpet(struct acpi_info *a, const struct root *r)
{
	struct table t;

	if (root_find(r, "HPET", &t) && get(&t, 40, 1) == SPACE_MEMORY)
		a->hpet_phys = get(&t, 44, 8);
}

/* --- The whole --- */

static void set_defaults(struct acpi_info *a)
{
	memset(a, 0, sizeof(*a));
	a->lapic_phys = 0xfee00000;
	a->has_8259 = true;
	for (unsigned i = 0; i < ARRAY_SIZE(a->isa_irq); i++)
		a->isa_irq[i].gsi = i;
}

/* The boot CPU becomes number 0, whatever the tables say of it. */
static void boot_cpu_first(struct acpi_info *a, u32 boot_id)
{
	unsigned i = 0;

	while (i < a->cpus && a->cpu_apic_id[i] != boot_id)
		i++;
	if (i == a->cpus && a->cpus < MAX_CPUS)
		a->cpus++;
	if (i == MAX_CPUS)
		i--;
	for (; i; i--)
		a->cpu_apic_id[i] = a->cpu_apic_id[i - 1];
	a->cpu_apic_id[0] = boot_id;
}

void acpi_init(phys_t rsdp)
{
	struct acpi_info *a = &acpi;
	struct root r;

	set_defaults(a);
	if (root_open(rsdp, &r)) {
		parse_madt(a, &r);
		parse_fadt(a, &r);
		parse_hpet(a, &r);
	}
	if (!a->ioapics) {
		a->ioapic[0].phys = 0xfec00000;
		a->ioapics = 1;
	}
	boot_cpu_first(a, cpufeat_apic_id());
}
