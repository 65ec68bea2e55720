tmpng2ey1c3.o: /tmp/tmpng2ey1c3.c kernel/core/hidden.h kernel/core/heap.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/heap.h:
kernel/core/types.h:
