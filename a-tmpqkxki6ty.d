tmpqkxki6ty.o: /tmp/tmpqkxki6ty.c kernel/core/hidden.h \
 kernel/core/spinlock.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/spinlock.h:
kernel/core/types.h:
