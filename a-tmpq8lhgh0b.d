tmpq8lhgh0b.o: /tmp/tmpq8lhgh0b.c kernel/core/hidden.h kernel/core/kip.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/kip.h:
kernel/core/types.h:
