tmpfdeey70d.o: /tmp/tmpfdeey70d.c kernel/core/hidden.h \
 kernel/core/spinlock.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/spinlock.h:
kernel/core/types.h:
