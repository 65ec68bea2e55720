tmpdg232_ul.o: /tmp/tmpdg232_ul.c kernel/core/hidden.h \
 kernel/x86_64/insn.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/insn.h:
kernel/core/types.h:
