tmpfzd0_m1y.o: /tmp/tmpfzd0_m1y.c kernel/core/hidden.h \
 kernel/x86_64/tlb.h kernel/bootinfo.h kernel/core/types.h \
 kernel/mm/space.h kernel/core/spinlock.h kernel/mm/quota.h \
 kernel/x86_64/platform.h
kernel/core/hidden.h:
kernel/x86_64/tlb.h:
kernel/bootinfo.h:
kernel/core/types.h:
kernel/mm/space.h:
kernel/core/spinlock.h:
kernel/mm/quota.h:
kernel/x86_64/platform.h:
