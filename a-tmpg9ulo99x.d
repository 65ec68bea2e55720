tmpg9ulo99x.o: /tmp/tmpg9ulo99x.c kernel/core/hidden.h \
 kernel/obj/factory.h kernel/core/kobject.h kernel/core/list.h \
 kernel/core/types.h kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/obj/factory.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/types.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
