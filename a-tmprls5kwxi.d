tmprls5kwxi.o: /tmp/tmprls5kwxi.c kernel/core/hidden.h \
 kernel/x86_64/directmap.h kernel/bootinfo.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/directmap.h:
kernel/bootinfo.h:
kernel/core/types.h:
