tmp7343z078.o: /tmp/tmp7343z078.c kernel/core/hidden.h \
 kernel/x86_64/directmap.h kernel/bootinfo.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/directmap.h:
kernel/bootinfo.h:
kernel/core/types.h:
