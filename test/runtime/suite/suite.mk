# SPDX-License-Identifier: MIT
# Build the suite's programs, $(O)/suite/rom/NAME, and a script for each group of them. Called by
# ../suite-tests.mk when the sources are there.
include tools/quiet.mk

here := test/runtime/suite
o := $(O)/suite
GROUP_SIZE := 40
CHOSEN := $(shell sed -n 's/^\([^\# ]*\.c\).*/\1/p' $(here)/tests.txt)
tests := $(CHOSEN:%.c=%)
support := $(patsubst %,support/%,check support_quote_blob support_quote_blob_wide \
	support_quote_string support_test_compare_blob support_test_compare_failure \
	support_test_compare_string support_test_compare_string_wide support_test_verify_impl \
	support_set_small_thread_stack_size support_write_file_string blob_repeat delayed_exit oom_error \
	temp_file timespec timespec-add timespec-sub write_message xasprintf xcalloc xclock_gettime \
	xclose xdup2 xfclose xfopen xftruncate xlseek xmalloc xmemstream xmkdir xmmap xmprotect \
	xmunmap xopen xpipe xpoll xposix_memalign xraise xrealloc xsigaction xsignal xstrdup xstrndup \
	xsysconf xunlink xwrite xchdir support-xstat support-xfstat xlstat xsymlink xsetlocale \
	support_descriptor_supports_holes) \
	$(filter-out %setaffinity_np %setkind_np,$(patsubst \
	$(SOURCE)/%.c,%,$(wildcard $(SOURCE)/support/xpthread_*.c)))
flags := -Werror=implicit-function-declaration -Wno-int-conversion -Wno-stringop-overread \
	-D_GNU_SOURCE -I$(here)/include \
	-include $(here)/include/names.h -I$(o)/links \
	$(patsubst %,-idirafter $(SOURCE)/%,support nptl sysdeps/pthread stdlib string .)
program = $(o)/rom/$(subst /,-,$(patsubst sysdeps/%,%,$(1)))

all: groups

# Headers and the old driver at the places where the suite looks for them.
$(o)/links/.complete:
	@mkdir -p $(o)/links
	@ln -sfn $(abspath $(SOURCE))/support $(o)/links/support
	@ln -sf $(abspath $(SOURCE))/test-skeleton.c $(abspath $(SOURCE))/include/*.h $(o)/links
	@touch $@

inputs := $(o)/links/.complete $(wildcard $(here)/suite.mk $(here)/include/*.h $(here)/include/*/*.h)
$(o)/%.o: $(SOURCE)/%.c $(inputs)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(flags) -c -o $@ $<

$(o)/driver.o: $(here)/driver.c $(o)/links/.complete
	$(call say,CC,$<)$(COMPILE) $(flags) -Wall -Wextra -Werror -c -o $@ $<

$(o)/support.a: $(o)/driver.o $(support:%=$(o)/%.o)
	@rm -f $@
	@ar rcs $@ $^

define program_rule
$(call program,$(1)): $(o)/$(1).o $(o)/support.a $(LIBRARIES)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(LINK) -o $$@.debug $$< -Wl,-u,_start -Wl,--start-group $(o)/support.a \
		$(LIBRARIES) -Wl,--end-group -lgcc
	@$$(STRIP) $$@.debug $$@
endef
$(foreach t,$(tests),$(eval $(call program_rule,$(t))))

groups: $(foreach t,$(tests),$(call program,$(t)))
	@$(here)/groups -o $(o) -n $(GROUP_SIZE) -b $(O) -t $(here)/tests.txt $(notdir $^)

.PHONY: all groups
