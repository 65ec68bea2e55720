tmpr9ln6m1v.o: /tmp/tmpr9ln6m1v.c kernel/core/hidden.h \
 kernel/core/irqoff.h kernel/core/cpu.h kernel/core/heap.h \
 kernel/core/types.h kernel/core/invocation.h kernel/core/list.h \
 kernel/core/spinlock.h kernel/x86_64/desc.h kernel/x86_64/platform.h
kernel/core/hidden.h:
kernel/core/irqoff.h:
kernel/core/cpu.h:
kernel/core/heap.h:
kernel/core/types.h:
kernel/core/invocation.h:
kernel/core/list.h:
kernel/core/spinlock.h:
kernel/x86_64/desc.h:
kernel/x86_64/platform.h:
