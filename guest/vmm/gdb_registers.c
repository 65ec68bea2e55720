/* SPDX-License-Identifier: MIT */
/* The registers of a vCPU in GDB's remote protocol. */
#include "vmm/gdb_registers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 8, HALF = 4, X87 = 10, DESCRIPTION_BYTES = 4096 };

unsigned registers_bytes(unsigned number)
{
	if (number <= GDB_RIP || number >= GDB_FS_BASE)
		return WORD;
	return number >= GDB_ST0 && number < GDB_FCTRL ? X87 : HALF;
}

static const char *type_of(unsigned number)
{
	switch (number) {
	case GDB_RIP:
		return "code_ptr";
	case GDB_RSP:
	case GDB_RBP:
		return "data_ptr";
	default:
		break;
	}
	if (registers_bytes(number) == X87)
		return "i387_ext";
	return registers_bytes(number) == WORD ? "int64" : "int32";
}

static const char *const names[GDB_REGISTERS] = {
	"rax",	 "rbx",	  "rcx",   "rdx", "rsi",     "rdi",    "rbp",	"rsp",	"r8",
	"r9",	 "r10",	  "r11",   "r12", "r13",     "r14",    "r15",	"rip",	"eflags",
	"cs",	 "ss",	  "ds",	   "es",  "fs",	     "gs",     "st0",	"st1",	"st2",
	"st3",	 "st4",	  "st5",   "st6", "st7",     "fctrl",  "fstat", "ftag", "fiseg",
	"fioff", "foseg", "fooff", "fop", "fs_base", "gs_base"
};

static char text[DESCRIPTION_BYTES];

static void add(const char *format, ...)
{
	size_t used = strlen(text);
	va_list list;

	va_start(list, format);
	vsnprintf(text + used, sizeof(text) - used, format, list);
	va_end(list);
}

static void add_feature(const char *name, unsigned first, unsigned end)
{
	add("<feature name=\"org.gnu.gdb.i386.%s\">", name);
	for (unsigned i = first; i < end; i++)
		add("<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>", names[i],
		    registers_bytes(i) * 8, type_of(i));
	add("</feature>");
}

const char *registers_description(void)
{
	if (*text)
		return text;
	add("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
	    "<target version=\"1.0\"><architecture>i386:x86-64</architecture>");
	add_feature("core", 0, GDB_FS_BASE);
	add_feature("segments", GDB_FS_BASE, GDB_REGISTERS);
	add("</target>");
	return text;
}
