tmp4uosyl1h.o: /tmp/tmp4uosyl1h.c kernel/core/hidden.h kernel/mm/mapdb.h \
 kernel/core/types.h kernel/mm/space.h kernel/core/spinlock.h \
 kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/mapdb.h:
kernel/core/types.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/mm/quota.h:
