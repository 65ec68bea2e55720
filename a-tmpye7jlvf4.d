tmpye7jlvf4.o: /tmp/tmpye7jlvf4.c kernel/core/hidden.h \
 kernel/core/print.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/print.h:
kernel/core/types.h:
