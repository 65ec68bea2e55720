tmpo9vazpzu.o: /tmp/tmpo9vazpzu.c kernel/core/hidden.h \
 kernel/x86_64/serial.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/serial.h:
kernel/core/types.h:
