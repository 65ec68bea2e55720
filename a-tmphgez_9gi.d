tmphgez_9gi.o: /tmp/tmphgez_9gi.c kernel/core/hidden.h \
 kernel/core/memory.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/memory.h:
kernel/core/types.h:
