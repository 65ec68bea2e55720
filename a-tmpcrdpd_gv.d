tmpcrdpd_gv.o: /tmp/tmpcrdpd_gv.c kernel/core/hidden.h kernel/obj/task.h \
 kernel/core/captab.h kernel/core/kobject.h kernel/core/list.h \
 kernel/core/types.h kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h kernel/mm/space.h
kernel/core/hidden.h:
kernel/obj/task.h:
kernel/core/captab.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/types.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
kernel/mm/space.h:
