tmpwnt8mox7.o: /tmp/tmpwnt8mox7.c kernel/core/hidden.h \
 kernel/x86_64/insn.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/insn.h:
kernel/core/types.h:
