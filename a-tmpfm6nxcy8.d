tmpfm6nxcy8.o: /tmp/tmpfm6nxcy8.c kernel/core/hidden.h kernel/mm/mapdb.h \
 kernel/core/types.h kernel/mm/space.h kernel/core/spinlock.h \
 kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/mapdb.h:
kernel/core/types.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/mm/quota.h:
