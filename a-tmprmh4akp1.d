tmprmh4akp1.o: /tmp/tmprmh4akp1.c kernel/core/hidden.h kernel/kdb/trace.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/trace.h:
kernel/core/types.h:
