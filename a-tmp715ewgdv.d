tmp715ewgdv.o: /tmp/tmp715ewgdv.c kernel/core/hidden.h \
 kernel/x86_64/stop.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/stop.h:
kernel/core/types.h:
