tmpr814f76k.o: /tmp/tmpr814f76k.c kernel/core/hidden.h kernel/kdb/kdb.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/kdb.h:
kernel/core/types.h:
