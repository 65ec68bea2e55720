tmpmgyid9my.o: /tmp/tmpmgyid9my.c kernel/core/hidden.h \
 kernel/core/invocation.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/invocation.h:
kernel/core/types.h:
