# SPDX-License-Identifier: MIT
# Rules for the runtime. Included by the top Makefile; each folder of the runtime has a file of its own,
# which uses:
#
#   $(call library,NAME,SOURCES)             $(O)/lib/libNAME.a
#   $(call program,NAME,SOURCES,LIBRARIES)   $(O)/rom/NAME, $(O)/rom/NAME.debug with its symbols,
#                                            $(O)/rom/NAME.sym with its functions, for moe's reports
#   $(call service,NAME,SOURCES,LIBRARIES)   the same without files and pager, see libc/service.h
#
# SOURCES are C and assembler files, paths from the top; LIBRARIES are names. Set before the call:
# NAME_cflags (more compiler flags for its sources), NAME_base (address of the program), NAME_pie = yes
# (it has no address: the loader decides, and it relocates itself).

rt_flags := -std=gnu17 -Os -g -Wall -Wextra -Werror -fpie -fno-stack-protector \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fcf-protection=none \
	-ffunction-sections -fdata-sections
rt_include = -nostdinc $(libc_include) -isystem $(shell $(CC) -print-file-name=include) -Iabi \
	-Iruntime/include -Iruntime/lib
rt_ldflags := -nostdlib -Wl,-T,runtime/program.ld -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,-z,norelro -Wl,-z,max-page-size=4096 -Wl,-z,noseparate-code
RT_BASE := 0x400000
rt_anywhere := -static-pie -Wl,--no-dynamic-linker -Wl,-z,text -Wl,-Ttext-segment=0
rt_fixed := -static -no-pie -Wl,-Ttext-segment=
rt_place = $(if $($(1)_pie),$(rt_anywhere),$(rt_fixed)$(or $($(1)_base),$(RT_BASE)))
rt_o := $(O)/runtime

rt_obj = $(patsubst %,$(rt_o)/%.o,$(1))

# The file that calls is where the flags of the sources are set.
rt_file = $(lastword $(filter %.mk,$(MAKEFILE_LIST)))

# $(call rt_compile,NAME,SOURCES): objects of a library or program.
define rt_compile
$(call rt_obj,$(2)): rt_own := $($(1)_cflags)
$(call rt_obj,$(2)): $(rt_o)/%.o: % runtime/runtime.mk $(rt_file) | $(libc_headers)
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(rt_flags) $$(rt_include) $$(rt_own) -MMD -MP -c -o $$@ $$<
-include $(patsubst %.o,%.d,$(call rt_obj,$(2)))
endef

define rt_library
$(call rt_compile,$(1),$(2))
$(O)/lib/lib$(1).a: $(call rt_obj,$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR,$$@)ar rcs $$@ $$^
endef

# $(call rt_program,NAME,SOURCES,LIBRARIES,BACK END): back end libraries, start-up object included.
define rt_program
$(call rt_compile,$(1),$(2))
$(O)/rom/$(1).debug: $(call rt_obj,$(2)) $(patsubst %,$(O)/lib/lib%.a,$(3) $(4) c) runtime/program.ld
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC) $$(rt_ldflags) $(rt_place) \
		-o $$@ $(call rt_obj,$(2)) -Wl,-u,_start -Wl,--start-group \
		$(patsubst %,$(O)/lib/lib%.a,$(3) $(4) c) -Wl,--end-group -lgcc
$(O)/rom/$(1) $(O)/rom/$(1).sym &: $(O)/rom/$(1).debug tools/symbol-file
	$$(call say,STRIP,$$(<:.debug=))tools/symbol-file $$< $$(<:.debug=.sym)
	@$(OBJCOPY) --strip-all $$< $$(<:.debug=)
rom: $(O)/rom/$(1)
rt_programs += $(1)
endef

library = $(eval $(call rt_library,$(1),$(2)))
program = $(eval $(call rt_program,$(1),$(2),$(3),libc_program libc_files libc_common l4re wire util))
service = $(eval $(call rt_program,$(1),$(2),$(3),libc_service libc_common))

.PHONY: rom
rom:

include runtime/libc/libc.mk
include $(sort $(filter-out runtime/libc/%,$(wildcard runtime/*/*.mk runtime/lib/*/*.mk)))
