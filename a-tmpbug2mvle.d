tmpbug2mvle.o: /tmp/tmpbug2mvle.c kernel/core/hidden.h \
 kernel/core/defer_types.h
kernel/core/hidden.h:
kernel/core/defer_types.h:
