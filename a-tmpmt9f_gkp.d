tmpmt9f_gkp.o: /tmp/tmpmt9f_gkp.c kernel/core/hidden.h \
 kernel/x86_64/regs.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/regs.h:
kernel/core/types.h:
