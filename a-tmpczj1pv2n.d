tmpczj1pv2n.o: /tmp/tmpczj1pv2n.c kernel/core/hidden.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/types.h:
