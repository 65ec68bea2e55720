tmpv4h5nxl_.o: /tmp/tmpv4h5nxl_.c kernel/core/hidden.h \
 kernel/core/print.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/print.h:
kernel/core/types.h:
