tmpo92xt9gm.o: /tmp/tmpo92xt9gm.c kernel/core/hidden.h \
 kernel/core/insn_io.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/insn_io.h:
kernel/core/types.h:
