tmpvo9xde6i.o: /tmp/tmpvo9xde6i.c kernel/core/hidden.h \
 kernel/x86_64/platform.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/platform.h:
kernel/core/types.h:
