tmptek76zbk.o: /tmp/tmptek76zbk.c kernel/core/hidden.h \
 kernel/x86_64/backtrace.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/backtrace.h:
kernel/core/types.h:
