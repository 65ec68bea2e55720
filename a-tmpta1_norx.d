tmpta1_norx.o: /tmp/tmpta1_norx.c kernel/core/hidden.h \
 kernel/x86_64/panic.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/panic.h:
kernel/core/types.h:
