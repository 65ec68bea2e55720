tmpavbm5098.o: /tmp/tmpavbm5098.c kernel/core/hidden.h \
 kernel/x86_64/regs.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/regs.h:
kernel/core/types.h:
