tmpk3kau99o.o: /tmp/tmpk3kau99o.c kernel/core/hidden.h \
 kernel/core/invocation.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/invocation.h:
kernel/core/types.h:
