tmpz6_5lt8x.o: /tmp/tmpz6_5lt8x.c kernel/core/hidden.h \
 kernel/core/memory.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/memory.h:
kernel/core/types.h:
