tmppiefuhvw.o: /tmp/tmppiefuhvw.c kernel/core/hidden.h \
 kernel/core/spinlock.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/spinlock.h:
kernel/core/types.h:
