tmpzs3mbarc.o: /tmp/tmpzs3mbarc.c kernel/core/hidden.h \
 kernel/x86_64/walk.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/walk.h:
kernel/core/types.h:
