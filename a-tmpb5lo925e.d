tmpb5lo925e.o: /tmp/tmpb5lo925e.c kernel/core/hidden.h \
 kernel/core/insn_io.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/insn_io.h:
kernel/core/types.h:
