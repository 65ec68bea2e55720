tmp_xk8way0.o: /tmp/tmp_xk8way0.c kernel/core/hidden.h kernel/mm/kmem.h \
 kernel/core/spinlock.h kernel/core/types.h kernel/mm/quota.h
kernel/core/hidden.h:
kernel/mm/kmem.h:
kernel/core/spinlock.h:
kernel/core/types.h:
kernel/mm/quota.h:
