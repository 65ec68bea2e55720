tmprrd_rd9i.o: /tmp/tmprrd_rd9i.c kernel/core/hidden.h \
 kernel/x86_64/msi.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/msi.h:
kernel/core/types.h:
