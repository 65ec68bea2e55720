tmpa4_gz2s7.o: /tmp/tmpa4_gz2s7.c kernel/core/hidden.h kernel/core/list.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/list.h:
kernel/core/types.h:
