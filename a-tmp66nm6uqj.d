tmp66nm6uqj.o: /tmp/tmp66nm6uqj.c kernel/core/hidden.h \
 kernel/x86_64/lapic.h kernel/core/types.h kernel/x86_64/insn.h
kernel/core/hidden.h:
kernel/x86_64/lapic.h:
kernel/core/types.h:
kernel/x86_64/insn.h:
