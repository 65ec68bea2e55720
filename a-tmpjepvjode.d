tmpjepvjode.o: /tmp/tmpjepvjode.c kernel/core/hidden.h kernel/kdb/line.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/line.h:
kernel/core/types.h:
