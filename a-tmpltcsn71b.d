tmpltcsn71b.o: /tmp/tmpltcsn71b.c kernel/core/hidden.h kernel/kdb/trace.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/trace.h:
kernel/core/types.h:
