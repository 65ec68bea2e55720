tmps99qmsvn.o: /tmp/tmps99qmsvn.c kernel/core/hidden.h \
 kernel/x86_64/platform.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/platform.h:
kernel/core/types.h:
