tmpyj_eics3.o: /tmp/tmpyj_eics3.c kernel/core/hidden.h \
 kernel/x86_64/panic.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/panic.h:
kernel/core/types.h:
