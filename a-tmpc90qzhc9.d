tmpc90qzhc9.o: /tmp/tmpc90qzhc9.c kernel/core/hidden.h \
 kernel/x86_64/platform.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/platform.h:
kernel/core/types.h:
