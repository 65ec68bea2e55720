tmpg4z_s039.o: /tmp/tmpg4z_s039.c kernel/core/hidden.h \
 kernel/mm/mapnode.h kernel/mm/kmem.h kernel/core/spinlock.h \
 kernel/core/types.h kernel/mm/quota.h kernel/mm/mapdb.h \
 kernel/mm/space.h kernel/x86_64/pagetable.h kernel/x86_64/directmap.h \
 kernel/bootinfo.h kernel/x86_64/platform.h kernel/x86_64/tlb.h
kernel/core/hidden.h:
kernel/mm/mapnode.h:
kernel/mm/kmem.h:
kernel/core/spinlock.h:
kernel/core/types.h:
kernel/mm/quota.h:
kernel/mm/mapdb.h:
kernel/mm/space.h:
kernel/x86_64/pagetable.h:
kernel/x86_64/directmap.h:
kernel/bootinfo.h:
kernel/x86_64/platform.h:
kernel/x86_64/tlb.h:
