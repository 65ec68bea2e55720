tmp26fx0fx9.o: /tmp/tmp26fx0fx9.c kernel/core/hidden.h kernel/core/kip.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/kip.h:
kernel/core/types.h:
