tmpzts8kuif.o: /tmp/tmpzts8kuif.c kernel/core/hidden.h \
 kernel/x86_64/regs.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/regs.h:
kernel/core/types.h:
