tmp2_j66i36.o: /tmp/tmp2_j66i36.c kernel/core/hidden.h \
 kernel/x86_64/stop.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/stop.h:
kernel/core/types.h:
