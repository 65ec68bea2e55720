tmpisasq4u9.o: /tmp/tmpisasq4u9.c kernel/core/hidden.h kernel/kdb/trace.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/trace.h:
kernel/core/types.h:
