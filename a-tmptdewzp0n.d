tmptdewzp0n.o: /tmp/tmptdewzp0n.c kernel/core/hidden.h \
 kernel/core/insn_io.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/insn_io.h:
kernel/core/types.h:
