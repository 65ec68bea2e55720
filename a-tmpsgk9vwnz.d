tmpsgk9vwnz.o: /tmp/tmpsgk9vwnz.c kernel/core/hidden.h kernel/kdb/kdb.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/kdb.h:
kernel/core/types.h:
