tmpct33vvm_.o: /tmp/tmpct33vvm_.c kernel/core/hidden.h \
 kernel/core/symbols.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/symbols.h:
kernel/core/types.h:
