tmp8up_9xhf.o: /tmp/tmp8up_9xhf.c kernel/core/hidden.h kernel/mm/space.h \
 kernel/core/spinlock.h kernel/core/types.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/core/types.h:
kernel/mm/quota.h:
