tmpcwrjm6a3.o: /tmp/tmpcwrjm6a3.c kernel/core/hidden.h \
 kernel/core/string.h
kernel/core/hidden.h:
kernel/core/string.h:
