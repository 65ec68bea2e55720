# SPDX-License-Identifier: MIT
# The decoder of instructions: Zydis from the distribution's source package, its smallest form, and
# the headers of the library below it. Included by guest.mk.

zydis_name := zydis-4.0.0-1
zycore_version := 1.4.1-1
zydis_source := $(O)/source/$(zydis_name)
zycore := $(O)/packages/libzycore-dev
zydis_flags := -DZYAN_NO_LIBC -DZYDIS_STATIC_BUILD -DZYCORE_STATIC_BUILD -DZYDIS_DISABLE_FORMATTER \
	-DZYDIS_DISABLE_ENCODER -DZYDIS_MINIMAL_MODE -DZYDIS_DISABLE_AVX512 -DZYDIS_DISABLE_KNC \
	-isystem $(zydis_source)/include -isystem $(zycore)/usr/include
zydis_obj := $(patsubst %,$(guest_o)/zydis/%.o,Decoder DecoderData SharedData)
zydis_ready := $(zydis_source)/.complete $(zycore).version

$(zydis_source)/.complete: tools/sources.txt tools/fetch-source tools/apt.py
	$(call say,FETCH,$(zydis_name))tools/fetch-source -o $(O)/source zydis 4.0.0-1 LICENSE include src
	@touch $@

$(zycore).version: tools/sources.txt tools/fetch-package tools/apt.py
	$(call say,FETCH,libzycore-dev)tools/fetch-package -o $(O)/packages libzycore-dev=$(zycore_version)
	@touch $@

$(zydis_obj): $(guest_o)/zydis/%.o: guest/decoder.mk guest/guest.mk $(zydis_ready)
	@mkdir -p $(@D)
	$(call say,CC,zydis/$*.c)$(CC) $(filter-out -flto -MMD -MP -Wall -Wextra -Werror,$(shim_flags)) -Os -w \
		-fdata-sections $(zydis_flags) -I$(zydis_source)/src -c $(zydis_source)/src/$*.c -o $@

# What includes the decoder's headers.
zydis_used := $(patsubst %,$(guest_o)/shim/%.c.o,emulate spoof)
$(zydis_used): shim_own := $(zydis_flags)
$(zydis_used): $(zydis_ready) guest/decoder.mk

shim_obj += $(zydis_obj)

SHIM_EMULATE := $(addprefix guest/shim/,emulate.c policy.c policy_msr.c) $(zydis_obj)
SHIM_EMULATE_FLAGS = $(GUEST_FLAGS) $(zydis_flags)
UNIT_SRCS_guest_emulate_test := $(SHIM_EMULATE)
UNIT_FLAGS_guest_emulate_test = $(SHIM_EMULATE_FLAGS)
UNIT_SRCS_guest_spoof_test := guest/shim/spoof.c $(zydis_obj)
UNIT_FLAGS_guest_spoof_test = $(SHIM_EMULATE_FLAGS)
UNIT_SRCS_guest_policy_test := guest/shim/policy.c guest/shim/policy_msr.c
UNIT_FLAGS_guest_policy_test = $(GUEST_FLAGS)
FUZZ_SRCS_guest_emulate := $(SHIM_EMULATE) guest/shim/spoof.c
FUZZ_FLAGS_guest_emulate = $(SHIM_EMULATE_FLAGS)
FUZZ_RUNS_guest_emulate := 500000
FUZZ_MAX_guest_emulate := 256
UNIT_SRCS_guest_outside_test := guest/shim/calls_outside.c
UNIT_FLAGS_guest_outside_test = $(GUEST_FLAGS) -Itest/abi/stub -DL4SYS_USE_UTCB_WRAP
