tmpcibubgol.o: /tmp/tmpcibubgol.c kernel/core/hidden.h kernel/core/list.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/list.h:
kernel/core/types.h:
