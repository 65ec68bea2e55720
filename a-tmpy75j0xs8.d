tmpy75j0xs8.o: /tmp/tmpy75j0xs8.c kernel/core/hidden.h \
 kernel/core/flexpage.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/flexpage.h:
kernel/core/types.h:
