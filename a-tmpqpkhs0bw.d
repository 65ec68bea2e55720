tmpqpkhs0bw.o: /tmp/tmpqpkhs0bw.c kernel/core/hidden.h \
 kernel/x86_64/msi.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/msi.h:
kernel/core/types.h:
