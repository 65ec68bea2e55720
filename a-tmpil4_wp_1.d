tmpil4_wp_1.o: /tmp/tmpil4_wp_1.c kernel/core/hidden.h kernel/kdb/kdb.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/kdb/kdb.h:
kernel/core/types.h:
