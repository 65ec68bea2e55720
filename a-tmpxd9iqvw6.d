tmpxd9iqvw6.o: /tmp/tmpxd9iqvw6.c kernel/core/hidden.h kernel/core/map.h \
 kernel/core/flexpage.h kernel/core/types.h kernel/obj/task.h \
 kernel/core/captab.h kernel/core/kobject.h kernel/core/list.h \
 kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h kernel/mm/space.h
kernel/core/hidden.h:
kernel/core/map.h:
kernel/core/flexpage.h:
kernel/core/types.h:
kernel/obj/task.h:
kernel/core/captab.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
kernel/mm/space.h:
