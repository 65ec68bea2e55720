/* SPDX-License-Identifier: MIT */
/* The registers of a vCPU in GDB's remote protocol. */
#include "vmm/gdb_registers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 8, HALF = 4, X87 = 10, VECTOR = 16, DESCRIPTION_BYTES = 8192 };

/* Registers of one kind follow each other. */
static const struct kind {
	unsigned end, bytes; /* the first one of the next kind */
	const char *type;
} kinds[] = {
	{ GDB_RBP, WORD, "int64" },	{ GDB_R8, WORD, "data_ptr" },
	{ GDB_RIP, WORD, "int64" },	{ GDB_EFLAGS, WORD, "code_ptr" },
	{ GDB_CS, HALF, "eflags" },	{ GDB_ST0, HALF, "int32" },
	{ GDB_FCTRL, X87, "i387_ext" }, { GDB_FS_BASE, HALF, "int32" },
	{ GDB_XMM0, WORD, "int64" },	{ GDB_MXCSR, VECTOR, "vec128" },
	{ GDB_YMM0H, HALF, "mxcsr" },	{ GDB_REGISTERS, VECTOR, "uint128" },
};

static const struct kind *kind_of(unsigned number)
{
	const struct kind *k = kinds;

	while (number >= k->end)
		k++;
	return k;
}

unsigned registers_bytes(unsigned number)
{
	return kind_of(number)->bytes;
}

static const char *const names[GDB_XMM0] = {
	"rax",	 "rbx",	  "rcx",   "rdx", "rsi",     "rdi",    "rbp",	"rsp",	"r8",
	"r9",	 "r10",	  "r11",   "r12", "r13",     "r14",    "r15",	"rip",	"eflags",
	"cs",	 "ss",	  "ds",	   "es",  "fs",	     "gs",     "st0",	"st1",	"st2",
	"st3",	 "st4",	  "st5",   "st6", "st7",     "fctrl",  "fstat", "ftag", "fiseg",
	"fioff", "foseg", "fooff", "fop", "fs_base", "gs_base"
};

/* Types: bits with names, and the ways to look at a vector. */
static const char flags_types[] =
    "<flags id=\"eflags\" size=\"4\">"
    "<field name=\"CF\" start=\"0\" end=\"0\"/><field name=\"PF\" start=\"2\" end=\"2\"/>"
    "<field name=\"AF\" start=\"4\" end=\"4\"/><field name=\"ZF\" start=\"6\" end=\"6\"/>"
    "<field name=\"SF\" start=\"7\" end=\"7\"/><field name=\"TF\" start=\"8\" end=\"8\"/>"
    "<field name=\"IF\" start=\"9\" end=\"9\"/><field name=\"DF\" start=\"10\" end=\"10\"/>"
    "<field name=\"OF\" start=\"11\" end=\"11\"/><field name=\"RF\" start=\"16\" end=\"16\"/>"
    "</flags>";
static const char vector_types[] =
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
    "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
    "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
    "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
    "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
    "<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>"
    "<field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
    "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>"
    "<flags id=\"mxcsr\" size=\"4\">"
    "<field name=\"IE\" start=\"0\" end=\"0\"/><field name=\"DE\" start=\"1\" end=\"1\"/>"
    "<field name=\"ZE\" start=\"2\" end=\"2\"/><field name=\"OE\" start=\"3\" end=\"3\"/>"
    "<field name=\"UE\" start=\"4\" end=\"4\"/><field name=\"PE\" start=\"5\" end=\"5\"/>"
    "<field name=\"DAZ\" start=\"6\" end=\"6\"/><field name=\"FZ\" start=\"15\" end=\"15\"/>"
    "</flags>";

static char text[DESCRIPTION_BYTES];

static void add(const char *format, ...)
{
	size_t used = strlen(text);
	va_list list;

	va_start(list, format);
	vsnprintf(text + used, sizeof(text) - used, format, list);
	va_end(list);
}

static void name_of(unsigned number, char *name, size_t room)
{
	if (number < GDB_XMM0)
		snprintf(name, room, "%s", names[number]);
	else if (number < GDB_MXCSR)
		snprintf(name, room, "xmm%u", number - GDB_XMM0);
	else if (number == GDB_MXCSR)
		snprintf(name, room, "mxcsr");
	else
		snprintf(name, room, "ymm%uh", number - GDB_YMM0H);
}

static void add_feature(const char *feature, const char *types, unsigned first, unsigned end)
{
	char name[16];

	add("<feature name=\"org.gnu.gdb.i386.%s\">%s", feature, types);
	for (unsigned i = first; i < end; i++) {
		name_of(i, name, sizeof(name));
		add("<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>", name, registers_bytes(i) * 8,
		    kind_of(i)->type);
	}
	add("</feature>");
}

const char *registers_description(void)
{
	if (*text)
		return text;
	add("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
	    "<target version=\"1.0\"><architecture>i386:x86-64</architecture>");
	add_feature("core", flags_types, 0, GDB_FS_BASE);
	add_feature("segments", "", GDB_FS_BASE, GDB_XMM0);
	add_feature("sse", vector_types, GDB_XMM0, GDB_YMM0H);
	add_feature("avx", "", GDB_YMM0H, GDB_REGISTERS);
	add("</target>");
	return text;
}
