tmp9c3r2ah7.o: /tmp/tmp9c3r2ah7.c kernel/core/hidden.h \
 kernel/x86_64/directmap.h kernel/bootinfo.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/directmap.h:
kernel/bootinfo.h:
kernel/core/types.h:
