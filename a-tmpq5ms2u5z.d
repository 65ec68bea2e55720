tmpq5ms2u5z.o: /tmp/tmpq5ms2u5z.c kernel/core/hidden.h \
 kernel/x86_64/serial.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/serial.h:
kernel/core/types.h:
