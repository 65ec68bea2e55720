tmpnj5quuq7.o: /tmp/tmpnj5quuq7.c kernel/core/hidden.h \
 kernel/x86_64/lapic.h kernel/core/types.h kernel/x86_64/insn.h
kernel/core/hidden.h:
kernel/x86_64/lapic.h:
kernel/core/types.h:
kernel/x86_64/insn.h:
