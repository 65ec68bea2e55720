tmp6x7tkw8m.o: /tmp/tmp6x7tkw8m.c kernel/core/hidden.h \
 kernel/core/flexpage.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/flexpage.h:
kernel/core/types.h:
