tmpl9sximan.o: /tmp/tmpl9sximan.c kernel/core/hidden.h \
 kernel/core/spinlock.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/spinlock.h:
kernel/core/types.h:
