tmp_gzl__z3.o: /tmp/tmp_gzl__z3.c kernel/core/hidden.h \
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
