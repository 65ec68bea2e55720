tmpeurw1c8g.o: /tmp/tmpeurw1c8g.c kernel/core/hidden.h kernel/mm/quota.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/mm/quota.h:
kernel/core/types.h:
