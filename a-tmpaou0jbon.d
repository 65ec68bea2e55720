tmpaou0jbon.o: /tmp/tmpaou0jbon.c kernel/core/hidden.h \
 kernel/x86_64/backtrace.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/backtrace.h:
kernel/core/types.h:
