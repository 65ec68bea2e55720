tmpzw4wol1m.o: /tmp/tmpzw4wol1m.c kernel/core/hidden.h \
 kernel/x86_64/backtrace.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/backtrace.h:
kernel/core/types.h:
