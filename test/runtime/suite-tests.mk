# SPDX-License-Identifier: MIT
# Tests of another C library: those of glibc that suite/tests.txt names, from the distribution's
# source package, linked with ours. Each is a program; ned runs them in groups.
#
#   make test-suite G=1                          one group
#   make test-suite TESTS='stdlib/tst-qsort2.c'   these tests

suite_name := glibc-2.36-9+deb12u14
suite_source := $(O)/source/$(suite_name)
suite_parts := test-skeleton.c support nptl sysdeps/pthread signal stdlib string stdio-common time \
	setjmp wcsmbs libio posix ctype wctype misc dirent io math include/array_length.h include/intprops.h \
	include/libc-diag.h include/xalloc_oversized.h
suite_end_cflags :=
$(call program,suite-end,test/runtime/suite/end.c)

$(suite_source)/.complete: tools/sources.txt tools/fetch-source test/runtime/suite-tests.mk
	$(call say,FETCH,$(suite_name))tools/fetch-source -o $(O)/source glibc 2.36-9+deb12u14 $(suite_parts)
	@touch $@

suite_libraries := $(patsubst %,$(O)/lib/lib%.a,libc_program libc_files libc_common l4re wire util c)

suite-tests: $(suite_source)/.complete $(suite_libraries) $(O)/zwinger $(O)/sigma0 $(O)/rom/moe \
		$(O)/rom/ned $(O)/rom/suite-end
	+@$(MAKE) --no-print-directory -f test/runtime/suite/suite.mk O='$(O)' SOURCE='$(suite_source)' \
		COMPILE='$(CC) $(filter-out -Wall -Wextra -Werror,$(rt_flags)) $(rt_include)' \
		LINK='$(CC) $(rt_ldflags) $(rt_fixed)$(RT_BASE)' \
		LIBRARIES='$(suite_libraries)' STRIP='$(OBJCOPY) --strip-all' \
		$(if $(TESTS),CHOSEN='$(TESTS)' GROUP_SIZE=100)

G ?= 1
test-suite: suite-tests
	sh $(O)/suite/group-$(G).sh

.PHONY: suite-tests test-suite
