/* SPDX-License-Identifier: MIT */
/*
 * QEMU plugin: which instructions the kernel executes for a row of a benchmark, and how long it
 * keeps interrupts off, on the unchanged kernel.
 *
 * A benchmark names its row by a store of MARK (bench/lib/measure.h) to entry N of an array that
 * fills a page: N is the row from then on, 0 none. Only addresses of the kernel image are counted,
 * each instruction by itself, so a block that a fault leaves early is counted right.
 *
 * Interrupts are off from the entry into the kernel (system call or vector) or a `cli` to the way
 * out (iret, sysret) or an `sti`. What lies before the first entry from user mode is start-up.
 *
 * Use:    qemu ... -plugin insncount.so,out=FILE,syscall=ADDRESS,vectors=ADDRESS,behind=ADDRESS
 *         (where system calls enter; where vectors do, from the first one to behind the last)
 * Output: times ROW COUNT                 how often the row was switched on
 *         insn ROW ADDRESS COUNT           instructions at an address while a row is on
 *         off ROW LENGTH FROM TO           longest time with interrupts off in a row (0: outside)
 * Addresses are hexadecimal. QEMU's own header is not part of distributions: the few declarations
 * needed are here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translate_cb)(uint64_t id, struct qemu_plugin_tb *);
typedef void (*execute_cb)(unsigned vcpu, void *data);
typedef void (*access_cb)(unsigned vcpu, uint32_t info, uint64_t address, void *data);
typedef void (*exit_cb)(uint64_t id, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translate_cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, execute_cb, int flags,
					    void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, access_cb, int flags, int rw,
				      void *);
void qemu_plugin_register_atexit_cb(uint64_t id, exit_cb, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);

enum { CB_NO_REGS = 0, MEM_WRITE = 2 };

#define EXPORT	    __attribute__((visibility("default")))
#define IMAGE_START 0xffff808000000000ULL
#define IMAGE_END   0xffff810000000000ULL
#define MARK	    0x5a570001u
#define ROWS	    512
#define IMAGE_BYTES (1u << 19) /* of kernel text that can be counted; TEXT_MAX of tools/bench */

EXPORT int qemu_plugin_version = 1;

static uint32_t *counts[ROWS]; /* by offset in the image; allocated when a row is first seen */
static uint64_t times[ROWS];   /* how often it was switched on */
static unsigned row;
static const char *out_path;
static uint64_t syscall_entry, vector_entries, vector_end;

static uint64_t executed;  /* instructions in the kernel, ever */
static uint64_t off_since; /* value of executed; valid if off */
static uint64_t off_from;  /* address */
static bool off;
static struct {
	uint64_t length, from, to;
} longest[ROWS];

static void on_mark(unsigned vcpu, uint32_t info, uint64_t address, void *data)
{
	(void)vcpu, (void)info, (void)data;
	row = address % 4096 / 8;
	times[row]++;
	if (row && !counts[row])
		counts[row] = calloc(IMAGE_BYTES, sizeof(uint32_t));
	if (row && !counts[row])
		abort();
}

static void on_execute(unsigned vcpu, void *offset)
{
	(void)vcpu;
	executed++;
	if (row)
		counts[row][(uintptr_t)offset]++;
}

static void off_begins(unsigned vcpu, void *offset)
{
	(void)vcpu;
	if (off)
		return;
	off = true;
	off_since = executed;
	off_from = IMAGE_START + (uintptr_t)offset;
}

/* The instruction itself is executed already. */
static void off_ends(unsigned vcpu, void *offset)
{
	uint64_t length = executed - off_since;

	(void)vcpu;
	if (off && length > longest[row].length) {
		longest[row].length = length;
		longest[row].from = off_from;
		longest[row].to = IMAGE_START + (uintptr_t)offset;
	}
	off = false;
}

/* sti; iretq; sysretq. (No other instruction of the kernel opens interrupts.) */
static bool opens(const uint8_t *code, size_t size)
{
	return code[0] == 0xfb || (size == 2 && code[0] == 0x48 && code[1] == 0xcf) ||
	       (size == 3 && code[0] == 0x48 && code[1] == 0x0f && code[2] == 0x07);
}

static void watch_kernel(struct qemu_plugin_insn *insn, uint64_t address)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	void *offset = (void *)(uintptr_t)(address - IMAGE_START);

	if (address - IMAGE_START >= IMAGE_BYTES)
		return;
	if (code[0] == 0xfa || address == syscall_entry ||
	    (address >= vector_entries && address < vector_end))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, off_begins, CB_NO_REGS, offset);
	qemu_plugin_register_vcpu_insn_exec_cb(insn, on_execute, CB_NO_REGS, offset);
	if (opens(code, qemu_plugin_insn_size(insn)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, off_ends, CB_NO_REGS, offset);
}

/* movl $MARK, somewhere */
static void watch_user(struct qemu_plugin_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);
	uint32_t value;

	if (code[0] != 0xc7 || size < 6)
		return;
	memcpy(&value, code + size - 4, sizeof(value));
	if (value == MARK)
		qemu_plugin_register_vcpu_mem_cb(insn, on_mark, CB_NO_REGS, MEM_WRITE, NULL);
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);

		if (address >= IMAGE_START && address < IMAGE_END)
			watch_kernel(insn, address);
		else
			watch_user(insn);
	}
}

static void on_end(uint64_t id, void *data)
{
	FILE *f = fopen(out_path, "w");

	(void)id, (void)data;
	if (!f)
		return;
	for (unsigned r = 0; r < ROWS; r++) {
		if (counts[r])
			fprintf(f, "times %u %" PRIu64 "\n", r, times[r]);
		for (unsigned i = 0; counts[r] && i < IMAGE_BYTES; i++)
			if (counts[r][i])
				fprintf(f, "insn %u %" PRIx64 " %" PRIu32 "\n", r,
					(uint64_t)(IMAGE_START + i), counts[r][i]);
		if (longest[r].length)
			fprintf(f, "off %u %" PRIu64 " %" PRIx64 " %" PRIx64 "\n", r,
				longest[r].length, longest[r].from, longest[r].to);
	}
	fclose(f);
}

static bool option(const char *argument)
{
	const char *value = strchr(argument, '=');

	if (!value)
		return false;
	value++;
	if (!strncmp(argument, "out=", 4))
		out_path = strdup(value);
	else if (!strncmp(argument, "syscall=", 8))
		syscall_entry = strtoull(value, NULL, 16);
	else if (!strncmp(argument, "vectors=", 8))
		vector_entries = strtoull(value, NULL, 16);
	else if (!strncmp(argument, "behind=", 7))
		vector_end = strtoull(value, NULL, 16);
	else
		return false;
	return true;
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!option(argv[i]))
			return -1;
	if (!out_path || !syscall_entry || vector_entries >= vector_end)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_end, NULL);
	return 0;
}
