tmpoa4eu2oa.o: /tmp/tmpoa4eu2oa.c kernel/core/hidden.h \
 kernel/core/defer.h kernel/core/cpu.h kernel/core/heap.h \
 kernel/core/types.h kernel/core/invocation.h kernel/core/list.h \
 kernel/core/spinlock.h kernel/x86_64/desc.h kernel/x86_64/platform.h \
 kernel/core/kobject.h kernel/core/defer_types.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/core/defer.h:
kernel/core/cpu.h:
kernel/core/heap.h:
kernel/core/types.h:
kernel/core/invocation.h:
kernel/core/list.h:
kernel/core/spinlock.h:
kernel/x86_64/desc.h:
kernel/x86_64/platform.h:
kernel/core/kobject.h:
kernel/core/defer_types.h:
kernel/mm/quota.h:
