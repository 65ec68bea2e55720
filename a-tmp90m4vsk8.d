tmp90m4vsk8.o: /tmp/tmp90m4vsk8.c kernel/core/hidden.h \
 kernel/core/print.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/print.h:
kernel/core/types.h:
