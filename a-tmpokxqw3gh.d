tmpokxqw3gh.o: /tmp/tmpokxqw3gh.c kernel/core/hidden.h \
 kernel/core/flexpage.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/flexpage.h:
kernel/core/types.h:
