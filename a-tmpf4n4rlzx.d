tmpf4n4rlzx.o: /tmp/tmpf4n4rlzx.c kernel/core/hidden.h \
 kernel/obj/scheduler.h kernel/core/kobject.h kernel/core/list.h \
 kernel/core/types.h kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/obj/scheduler.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/types.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
