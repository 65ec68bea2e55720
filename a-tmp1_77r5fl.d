tmp1_77r5fl.o: /tmp/tmp1_77r5fl.c kernel/core/hidden.h \
 kernel/core/captab.h kernel/core/kobject.h kernel/core/list.h \
 kernel/core/types.h kernel/core/spinlock.h kernel/core/defer_types.h \
 kernel/core/invocation.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/core/captab.h:
kernel/core/kobject.h:
kernel/core/list.h:
kernel/core/types.h:
kernel/core/spinlock.h:
kernel/core/defer_types.h:
kernel/core/invocation.h:
kernel/mm/quota.h:
