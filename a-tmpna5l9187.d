tmpna5l9187.o: /tmp/tmpna5l9187.c kernel/core/hidden.h \
 kernel/core/string.h
kernel/core/hidden.h:
kernel/core/string.h:
