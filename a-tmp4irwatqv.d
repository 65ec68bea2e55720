tmp4irwatqv.o: /tmp/tmp4irwatqv.c kernel/core/hidden.h kernel/kdb/trace.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/trace.h:
kernel/core/types.h:
