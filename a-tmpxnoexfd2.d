tmpxnoexfd2.o: /tmp/tmpxnoexfd2.c kernel/core/hidden.h kernel/core/list.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/list.h:
kernel/core/types.h:
