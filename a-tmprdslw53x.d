tmprdslw53x.o: /tmp/tmprdslw53x.c kernel/core/hidden.h kernel/mm/kmem.h \
 kernel/core/spinlock.h kernel/core/types.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/kmem.h:
kernel/core/spinlock.h:
kernel/core/types.h:
kernel/mm/quota.h:
