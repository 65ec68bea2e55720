tmpqeqig15g.o: /tmp/tmpqeqig15g.c kernel/core/hidden.h \
 kernel/x86_64/walk.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/walk.h:
kernel/core/types.h:
