tmp5p384bma.o: /tmp/tmp5p384bma.c kernel/core/hidden.h kernel/kdb/kdb.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/kdb.h:
kernel/core/types.h:
