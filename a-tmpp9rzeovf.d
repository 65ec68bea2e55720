tmpp9rzeovf.o: /tmp/tmpp9rzeovf.c kernel/core/hidden.h \
 kernel/core/hidden.h
kernel/core/hidden.h:
kernel/core/hidden.h:
