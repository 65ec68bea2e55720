tmpvcluq_7h.o: /tmp/tmpvcluq_7h.c kernel/core/hidden.h \
 kernel/core/invocation.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/invocation.h:
kernel/core/types.h:
