tmp1oxth5h4.o: /tmp/tmp1oxth5h4.c kernel/core/hidden.h \
 kernel/obj/thread.h kernel/core/cpu.h kernel/core/heap.h \
 kernel/core/types.h kernel/core/invocation.h kernel/core/list.h \
 kernel/core/spinlock.h kernel/x86_64/desc.h kernel/x86_64/platform.h \
 kernel/core/kobject.h kernel/core/defer_types.h kernel/mm/quota.h \
 kernel/obj/task.h kernel/core/captab.h kernel/mm/space.h \
 kernel/x86_64/regs.h
kernel/core/hidden.h:
kernel/obj/thread.h:
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
kernel/obj/task.h:
kernel/core/captab.h:
kernel/mm/space.h:
kernel/x86_64/regs.h:
