/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of a hostile guest: any number, wild arguments, structures of noise. Nothing outside
 * its memory is touched (the sanitizer sees that), and what the shim keeps about it stays sound.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shim/segments.h"
#include "unit/guest/machine.h"
#include "xen/hypercall.h"

/* Bytes of a step: vCPU, number, kinds of arguments, noise. */
enum { STEP = 16, MORE_STEPS = 100, WORDS = 8, ACCESSES_MAX = 3000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static bool is_canonical(uint64_t address)
{
	return canonical(address) == address;
}

static void check_inside(const void *place, size_t bytes)
{
	const char *first = place;

	check(first >= (char *)&guest && first + bytes <= (char *)(&guest + 1));
	check((uintptr_t)place % 8 == 0);
}

static void check_area(const struct runstate_area *a)
{
	if (!a->parts[0])
		return;
	check(a->first >= 1 && a->first <= RUNSTATE_WORDS);
	check_inside(a->parts[0], 8 * a->first);
	if (a->first < RUNSTATE_WORDS)
		check_inside(a->parts[1], 8 * (RUNSTATE_WORDS - a->first));
}

static void check_vcpu(const struct vcpu *v)
{
	check(v->run <= VCPU_UP);
	check(v->root < FRAMES && v->user_root < FRAMES);
	check(v->gdt_entries <= 7168 && v->ldt_entries <= 8192);
	check(v->gdt_entries == 0 || v->gdt_frame < FRAMES);
	check(is_canonical(v->fs_base) && is_canonical(v->gs_user) && is_canonical(v->gs_kernel));
	check(v->times.state < XEN_RUNSTATES && v->iopl <= 3);
	check(!machine.events.polling[v->id]);
	check(machine.events.infos[v->id] == v->info);
	check_inside(v->info, sizeof(*v->info));
	check_area(&v->area);
	for (unsigned i = 0; i < XEN_TRAPS; i++)
		check(is_canonical(v->traps.vectors[i].address));
	for (unsigned i = 0; i < XEN_CALLBACKS; i++)
		check(is_canonical(v->traps.callbacks[i].address));
}

static void check_channels(void)
{
	for (unsigned port = 1; port < PORTS; port++) {
		const struct event_channel *c = &machine.events.channels[port];

		check(c->status <= XEN_EVENT_IPI && c->vcpu < VCPUS && c->virq < XEN_VIRQS);
	}
}

/* What is given back is RAM, and counted. */
static void check_memory(void)
{
	unsigned released = 0;

	for (unsigned frame = 0; frame < FRAMES; frame++) {
		bool gone = machine.track.frames[frame].released;

		check(!gone || frame < RAM_FRAMES);
		released += gone;
	}
	check(released == machine.released);
	check(machine.grant_frames <= GRANT_FRAMES);
	check(machine.lock == 0 && machine.bindings == 0);
}

/* What the processor was given is of privilege 3 and no part of the system. */
static void check_descriptor(uint64_t d)
{
	check(descriptor_valid(d));
	check(!(d & DESCRIPTOR_PRESENT) || (d & DESCRIPTOR_PRIVILEGE) == DESCRIPTOR_PRIVILEGE);
}

static void check_all(void)
{
	for (unsigned i = 0; i < VCPUS; i++)
		check_vcpu(vcpu_of(i));
	for (unsigned i = 12; i < 16; i++)
		check_descriptor(told.descriptors[i]);
	for (unsigned i = 0; i < 64; i++)
		check_descriptor(told.ldt[i]);
	check_channels();
	check_memory();
}

/* Whatever a vCPU waits for comes. */
static void end_wait(struct vcpu *v)
{
	v->run = VCPU_UP;
	v->info->upcall_mask = 0;
	v->info->upcall_pending = 1;
}

/* Noise that follows from a few bytes of the input (splitmix64). */
static uint64_t random_state;

static uint64_t noise_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

/* A pointer: mostly to the noise, sometimes near the end of a page, or to nothing. */
static uint64_t pointer(uint64_t noise)
{
	switch (noise % 16) {
	case 0:
		return ABSENT - 8 * (noise >> 8 & 7);
	case 1:
		return READ_ONLY;
	case 2:
	case 3:
		return shown(FREE + 1) + (noise >> 16 & 511) * 8;
	default:
		return shown(FREE) + (noise >> 4 & 1) * 8 * WORDS;
	}
}

/* A value from a byte that says its kind, and noise. */
static uint64_t value(uint8_t kind, uint64_t noise)
{
	switch (kind % 10) {
	case 9:
		return noise | DESCRIPTOR_PRESENT | DESCRIPTOR_SEGMENT;
	case 0:
		return noise;
	case 8:
		return noise % 5000 & ~7UL;
	case 1:
		return noise % 40;
	case 2:
		return (uint64_t)(noise % (FRAMES + 2)) << PAGE_SHIFT | (noise >> 32 & 0xfff);
	case 3:
		return XEN_DOMAIN_SELF;
	case 4:
		return noise % 12 | (noise >> 8 & 7) << 32;
	case 5:
		return noise % (FRAMES + 2);
	default:
		return pointer(noise);
	}
}

/* Structures of noise where most pointers go. */
static void write_noise(void)
{
	uint64_t *words = at(FREE);

	for (unsigned i = 0; i < WORDS; i++)
		words[i] = words[WORDS + i] = value(noise_next(), noise_next());
}

/* What the arguments of each call mean: Operation, Small number, vCPU, Pointer, Domain, Entry. */
static const char *const shapes[XEN_CALLS] = {
	[XEN_CALL_SET_TRAP_TABLE] = "P",
	[XEN_CALL_MMU_UPDATE] = "PSPD",
	[XEN_CALL_SET_GDT] = "PS",
	[XEN_CALL_STACK_SWITCH] = "SP",
	[XEN_CALL_FPU_TASKSWITCH] = "S",
	[XEN_CALL_SET_DEBUGREG] = "OP",
	[XEN_CALL_GET_DEBUGREG] = "O",
	[XEN_CALL_UPDATE_DESCRIPTOR] = "E",
	[XEN_CALL_MEMORY_OP] = "OP",
	[XEN_CALL_MULTICALL] = "PS",
	[XEN_CALL_UPDATE_VA_MAPPING] = "PES",
	[XEN_CALL_SET_TIMER_OP] = "S",
	[XEN_CALL_XEN_VERSION] = "OP",
	[XEN_CALL_CONSOLE_IO] = "SSP",
	[XEN_CALL_GRANT_TABLE_OP] = "OPV",
	[XEN_CALL_VM_ASSIST] = "VO",
	[XEN_CALL_VCPU_OP] = "OVP",
	[XEN_CALL_SET_SEGMENT_BASE] = "VP",
	[XEN_CALL_MMUEXT_OP] = "PSPD",
	[XEN_CALL_SCHED_OP] = "OP",
	[XEN_CALL_CALLBACK_OP] = "VP",
	[XEN_CALL_EVENT_CHANNEL_OP] = "OP",
	[XEN_CALL_PHYSDEV_OP] = "OP",
};

/* An argument as the call expects it. */
static uint64_t shaped(char shape, uint64_t noise)
{
	switch (shape) {
	case 'O':
		return noise % 16;
	case 'S':
		return noise % 40;
	case 'V':
		return noise % 4;
	case 'P':
		return pointer(noise);
	case 'D':
		return XEN_DOMAIN_SELF;
	case 'E':
		return (FREE + (noise & 1)) << PAGE_SHIFT | (noise >> 8 & 31) * 8;
	default:
		return noise;
	}
}

static void choose(uint64_t call_number, const uint8_t *kinds, uint64_t *args)
{
	const char *shape = call_number < XEN_CALLS ? shapes[call_number] : NULL;

	for (unsigned i = 0; i < CALL_ARGS; i++) {
		bool expected = shape && *shape && kinds[i] < 192;

		args[i] = expected ? shaped(*shape, noise_next()) : value(kinds[i], noise_next());
		if (expected)
			shape++;
	}
}

/* Mostly a call that there is. */
static uint64_t number(uint8_t choice)
{
	uint64_t n = noise_next() % XEN_CALLS;

	if (choice > 250)
		return noise_next();
	while (choice < 240 && !shapes[n])
		n = noise_next() % XEN_CALLS;
	return n;
}

static void step(const uint8_t *data)
{
	struct vcpu *v = vcpu_of(data[0] < 200 ? 0 : data[0] % VCPUS);
	uint64_t args[CALL_ARGS], n;

	memcpy(&random_state, data + 8, sizeof(random_state));
	if (noise_next() % 8) {
		machine_map();
		v->root = ROOT;
	}
	n = number(data[1]);
	choose(n, data + 2, args);
	write_noise();
	told.waits = 0;
	told.yields = 0;
	told.accesses_left = ACCESSES_MAX;
	told.now += noise_next() % 256;
	if (v->run == VCPU_UP)
		call(v, n, args);
}

/* The steps of the input, then more that follow from its last bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t drawn[STEP / 8];

	machine_start(NULL);
	random_state = 0;
	told.meanwhile = end_wait;
	for (; size >= STEP; data += STEP, size -= STEP) {
		step(data);
		check_all();
	}
	while (size--)
		random_state = noise_next() ^ *data++;
	for (unsigned i = 0; i < MORE_STEPS; i++) {
		drawn[0] = noise_next();
		drawn[1] = noise_next();
		step((const uint8_t *)drawn);
		check_all();
	}
	return 0;
}
