tmpfhlk8sxo.o: /tmp/tmpfhlk8sxo.c kernel/core/hidden.h \
 kernel/core/insn_io.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/insn_io.h:
kernel/core/types.h:
