tmp7a8zclfr.o: /tmp/tmp7a8zclfr.c kernel/core/hidden.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/types.h:
