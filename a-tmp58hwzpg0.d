tmp58hwzpg0.o: /tmp/tmp58hwzpg0.c kernel/core/hidden.h \
 kernel/core/hidden.h
kernel/core/hidden.h:
kernel/core/hidden.h:
