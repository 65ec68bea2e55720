tmp3cqn3big.o: /tmp/tmp3cqn3big.c kernel/core/hidden.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/core/types.h:
