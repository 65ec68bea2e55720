tmp_umnbtz4.o: /tmp/tmp_umnbtz4.c kernel/core/hidden.h \
 kernel/x86_64/serial.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/serial.h:
kernel/core/types.h:
