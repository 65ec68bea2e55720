tmpfl3bouti.o: /tmp/tmpfl3bouti.c kernel/core/hidden.h kernel/kdb/line.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/line.h:
kernel/core/types.h:
