tmp2gpcizuz.o: /tmp/tmp2gpcizuz.c kernel/core/hidden.h \
 kernel/x86_64/stop.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/stop.h:
kernel/core/types.h:
