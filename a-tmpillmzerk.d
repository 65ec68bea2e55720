tmpillmzerk.o: /tmp/tmpillmzerk.c kernel/core/hidden.h \
 kernel/core/kobject.h kernel/core/list.h kernel/core/types.h \
 kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/types.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
