tmpf53v8074.o: /tmp/tmpf53v8074.c kernel/core/hidden.h \
 kernel/core/defer_types.h
kernel/core/hidden.h:
kernel/core/defer_types.h:
