tmptllj3s1p.o: /tmp/tmptllj3s1p.c kernel/core/hidden.h kernel/core/heap.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/heap.h:
kernel/core/types.h:
