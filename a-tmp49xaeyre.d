tmp49xaeyre.o: /tmp/tmp49xaeyre.c kernel/core/hidden.h \
 kernel/x86_64/panic.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/panic.h:
kernel/core/types.h:
