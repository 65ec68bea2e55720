tmpckc2ly2q.o: /tmp/tmpckc2ly2q.c kernel/core/hidden.h kernel/core/heap.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/heap.h:
kernel/core/types.h:
