tmp7km2q346.o: /tmp/tmp7km2q346.c kernel/core/hidden.h \
 kernel/x86_64/kmap.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/kmap.h:
kernel/core/types.h:
