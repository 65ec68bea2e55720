tmpx4ylw8_4.o: /tmp/tmpx4ylw8_4.c kernel/core/hidden.h \
 kernel/x86_64/msi.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/msi.h:
kernel/core/types.h:
