/* SPDX-License-Identifier: MIT */
/* The Lua parts of ned, in the order in which they run: struct script of ned.c. */

.macro script name, file
	.quad 1f, 2f, 3f
	.pushsection .rodata.text, "a"
1:	.asciz "\name"
2:	.incbin "\file"
3:
	.popsection
.endm

	.section .rodata.ned_scripts, "a"
	.balign 8
	.globl ned_scripts
ned_scripts:
	script "=ned/class.lua", "runtime/ned/class.lua"
	script "=ned/source.lua", "runtime/ned/source.lua"
	script "=ned/cap.lua", "runtime/ned/cap.lua"
	script "=ned/task.lua", "runtime/ned/task.lua"
	script "=ned/loader.lua", "runtime/ned/loader.lua"
	script "=ned/module.lua", "runtime/ned/module.lua"
	script "=ned/prompt.lua", "runtime/ned/prompt.lua"
	script "=ned/main.lua", "runtime/ned/main.lua"
	.quad 0, 0, 0
	.section .note.GNU-stack, "", @progbits
