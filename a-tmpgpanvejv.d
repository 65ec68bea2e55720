tmpgpanvejv.o: /tmp/tmpgpanvejv.c kernel/core/hidden.h \
 kernel/x86_64/insn.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/insn.h:
kernel/core/types.h:
