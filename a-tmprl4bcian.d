tmprl4bcian.o: /tmp/tmprl4bcian.c kernel/core/hidden.h kernel/core/heap.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/heap.h:
kernel/core/types.h:
