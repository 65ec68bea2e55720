tmp40yc_2wt.o: /tmp/tmp40yc_2wt.c kernel/core/hidden.h kernel/mm/space.h \
 kernel/core/spinlock.h kernel/core/types.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/core/types.h:
kernel/mm/quota.h:
