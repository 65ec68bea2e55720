tmpq3oejxhd.o: /tmp/tmpq3oejxhd.c kernel/core/hidden.h kernel/obj/view.h \
 kernel/core/kobject.h kernel/core/list.h kernel/core/types.h \
 kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h kernel/obj/task.h \
 kernel/core/captab.h kernel/mm/space.h
kernel/core/hidden.h:
kernel/obj/view.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/types.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
kernel/obj/task.h:
kernel/core/captab.h:
kernel/mm/space.h:
