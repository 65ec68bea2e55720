tmpjuflubep.o: /tmp/tmpjuflubep.c kernel/core/hidden.h kernel/core/list.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/list.h:
kernel/core/types.h:
