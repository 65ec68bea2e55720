tmpt5fddw5d.o: /tmp/tmpt5fddw5d.c kernel/core/hidden.h kernel/mm/quota.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/mm/quota.h:
kernel/core/types.h:
