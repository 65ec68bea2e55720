tmp69wk8du7.o: /tmp/tmp69wk8du7.c kernel/core/hidden.h \
 kernel/x86_64/stop.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/stop.h:
kernel/core/types.h:
