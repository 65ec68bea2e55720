tmpl6es7cqe.o: /tmp/tmpl6es7cqe.c kernel/core/hidden.h \
 kernel/x86_64/fpu.h kernel/core/types.h kernel/x86_64/insn.h \
 kernel/x86_64/platform.h
kernel/core/hidden.h:
kernel/x86_64/fpu.h:
kernel/core/types.h:
kernel/x86_64/insn.h:
kernel/x86_64/platform.h:
