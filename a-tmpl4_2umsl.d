tmpl4_2umsl.o: /tmp/tmpl4_2umsl.c kernel/core/hidden.h \
 kernel/x86_64/backtrace.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/backtrace.h:
kernel/core/types.h:
