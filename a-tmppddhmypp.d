tmppddhmypp.o: /tmp/tmppddhmypp.c kernel/core/hidden.h \
 kernel/x86_64/kmap.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/kmap.h:
kernel/core/types.h:
