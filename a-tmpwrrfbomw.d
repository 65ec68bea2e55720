tmpwrrfbomw.o: /tmp/tmpwrrfbomw.c kernel/core/hidden.h \
 kernel/core/symbols.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/symbols.h:
kernel/core/types.h:
