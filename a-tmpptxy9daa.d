tmpptxy9daa.o: /tmp/tmpptxy9daa.c kernel/core/hidden.h kernel/core/kip.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/kip.h:
kernel/core/types.h:
