tmp7rqggtke.o: /tmp/tmp7rqggtke.c kernel/core/hidden.h \
 kernel/x86_64/panic.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/panic.h:
kernel/core/types.h:
