tmpreu3_keb.o: /tmp/tmpreu3_keb.c kernel/core/hidden.h kernel/core/kip.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/kip.h:
kernel/core/types.h:
