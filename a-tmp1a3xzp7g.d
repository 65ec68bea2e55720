tmp1a3xzp7g.o: /tmp/tmp1a3xzp7g.c kernel/core/hidden.h \
 kernel/core/string.h
kernel/core/hidden.h:
kernel/core/string.h:
