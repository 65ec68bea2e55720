tmpbj1jmnjv.o: /tmp/tmpbj1jmnjv.c kernel/core/hidden.h \
 kernel/core/defer_types.h
kernel/core/hidden.h:
kernel/core/defer_types.h:
