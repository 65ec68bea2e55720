tmprns0ar2n.o: /tmp/tmprns0ar2n.c kernel/core/hidden.h \
 kernel/core/defer_types.h
kernel/core/hidden.h:
kernel/core/defer_types.h:
