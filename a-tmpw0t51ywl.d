tmpw0t51ywl.o: /tmp/tmpw0t51ywl.c kernel/core/hidden.h \
 kernel/x86_64/pagetable.h kernel/core/types.h kernel/mm/mapdb.h \
 kernel/mm/space.h kernel/core/spinlock.h kernel/mm/quota.h \
 kernel/x86_64/directmap.h kernel/bootinfo.h kernel/x86_64/platform.h
kernel/core/hidden.h:
kernel/x86_64/pagetable.h:
kernel/core/types.h:
kernel/mm/mapdb.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/mm/quota.h:
kernel/x86_64/directmap.h:
kernel/bootinfo.h:
kernel/x86_64/platform.h:
