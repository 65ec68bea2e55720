tmpwnfsssvw.o: /tmp/tmpwnfsssvw.c kernel/core/hidden.h kernel/kdb/line.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/line.h:
kernel/core/types.h:
