tmpk756l58z.o: /tmp/tmpk756l58z.c kernel/core/hidden.h kernel/mm/quota.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/mm/quota.h:
kernel/core/types.h:
