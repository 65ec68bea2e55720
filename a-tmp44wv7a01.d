tmp44wv7a01.o: /tmp/tmp44wv7a01.c kernel/core/hidden.h \
 kernel/core/invocation.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/invocation.h:
kernel/core/types.h:
