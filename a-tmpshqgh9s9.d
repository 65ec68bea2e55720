tmpshqgh9s9.o: /tmp/tmpshqgh9s9.c kernel/core/hidden.h kernel/mm/space.h \
 kernel/core/spinlock.h kernel/core/types.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/core/types.h:
kernel/mm/quota.h:
