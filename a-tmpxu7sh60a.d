tmpxu7sh60a.o: /tmp/tmpxu7sh60a.c kernel/core/hidden.h \
 kernel/core/symbols.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/symbols.h:
kernel/core/types.h:
