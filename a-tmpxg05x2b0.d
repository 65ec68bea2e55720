tmpxg05x2b0.o: /tmp/tmpxg05x2b0.c kernel/core/hidden.h \
 kernel/core/string.h
kernel/core/hidden.h:
kernel/core/string.h:
