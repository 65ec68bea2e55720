tmph8uk6k5j.o: /tmp/tmph8uk6k5j.c kernel/core/hidden.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/types.h:
