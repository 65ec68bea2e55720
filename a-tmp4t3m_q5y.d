tmp4t3m_q5y.o: /tmp/tmp4t3m_q5y.c kernel/core/hidden.h \
 kernel/x86_64/kmap.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/kmap.h:
kernel/core/types.h:
