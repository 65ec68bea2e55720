tmp5x_rpf0c.o: /tmp/tmp5x_rpf0c.c kernel/core/hidden.h \
 kernel/x86_64/platform.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/platform.h:
kernel/core/types.h:
