tmp8z4_7x72.o: /tmp/tmp8z4_7x72.c kernel/core/hidden.h kernel/core/cpu.h \
 kernel/core/heap.h kernel/core/types.h kernel/core/invocation.h \
 kernel/core/list.h kernel/core/spinlock.h kernel/x86_64/desc.h \
 kernel/x86_64/platform.h
kernel/core/hidden.h:
kernel/core/cpu.h:
kernel/core/heap.h:
kernel/core/types.h:
kernel/core/invocation.h:
kernel/core/list.h:
kernel/core/spinlock.h:
kernel/x86_64/desc.h:
kernel/x86_64/platform.h:
