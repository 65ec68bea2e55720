tmpg34ggw48.o: /tmp/tmpg34ggw48.c kernel/core/hidden.h \
 kernel/core/hidden.h
kernel/core/hidden.h:
kernel/core/hidden.h:
