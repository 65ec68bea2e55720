/* SPDX-License-Identifier: MIT */
/* Flexpages: size-aligned power-of-two ranges of memory, I/O ports or capabilities, with rights. */
#ifndef L4_SYS___L4_FPAGE_H
#define L4_SYS___L4_FPAGE_H

#include <l4/sys/types.h>

/* Layout of the flexpage word. */
enum L4_fpage_consts {
	L4_FPAGE_RIGHTS_SHIFT = 0,
	L4_FPAGE_TYPE_SHIFT = 4,
	L4_FPAGE_SIZE_SHIFT = 6,
	L4_FPAGE_ADDR_SHIFT = 12,
	L4_FPAGE_RIGHTS_BITS = 4,
	L4_FPAGE_TYPE_BITS = 2,
	L4_FPAGE_SIZE_BITS = 6,
	L4_FPAGE_ADDR_BITS = L4_MWORD_BITS - L4_FPAGE_ADDR_SHIFT,
	L4_FPAGE_RIGHTS_MASK = 0x00f,
	L4_FPAGE_RIGHTS_ALL = 0x00f,
	L4_FPAGE_TYPE_MASK = 0x030,
	L4_FPAGE_SIZE_MASK = 0xfc0
};
#define L4_FPAGE_ADDR_MASK (~0UL << L4_FPAGE_ADDR_SHIFT)

enum L4_fpage_type {
	L4_FPAGE_SPECIAL = 0, /* nil (word 0) or all spaces (size 63) */
	L4_FPAGE_MEMORY = 1,
	L4_FPAGE_IO = 2,
	L4_FPAGE_OBJ = 3
};

/* Rights of memory and I/O flexpages. */
enum L4_fpage_rights {
	L4_FPAGE_X = 1,
	L4_FPAGE_W = 2,
	L4_FPAGE_RO = 4,
	L4_FPAGE_RW = L4_FPAGE_RO | L4_FPAGE_W,
	L4_FPAGE_RX = L4_FPAGE_RO | L4_FPAGE_X,
	L4_FPAGE_RWX = L4_FPAGE_RW | L4_FPAGE_X
};

/* Rights of object flexpages; R must be there, D lets the holder delete the object. */
enum L4_cap_fpage_rights {
	L4_CAP_FPAGE_W = 1,
	L4_CAP_FPAGE_S = 2,
	L4_CAP_FPAGE_R = 4,
	L4_CAP_FPAGE_RO = 4,
	L4_CAP_FPAGE_D = 8,
	L4_CAP_FPAGE_RW = L4_CAP_FPAGE_R | L4_CAP_FPAGE_W,
	L4_CAP_FPAGE_RS = L4_CAP_FPAGE_R | L4_CAP_FPAGE_S,
	L4_CAP_FPAGE_RWS = L4_CAP_FPAGE_RW | L4_CAP_FPAGE_S,
	L4_CAP_FPAGE_RWSD = L4_CAP_FPAGE_RWS | L4_CAP_FPAGE_D,
	L4_CAP_FPAGE_RWD = L4_CAP_FPAGE_RW | L4_CAP_FPAGE_D,
	L4_CAP_FPAGE_RSD = L4_CAP_FPAGE_RS | L4_CAP_FPAGE_D
};

/* Order (log2) of a flexpage that covers a whole space. */
enum {
	L4_WHOLE_ADDRESS_SPACE = 63,
	L4_WHOLE_IOADDRESS_SPACE = 16,
	L4_IOPORT_MAX = 1 << L4_WHOLE_IOADDRESS_SPACE
};

/* First word of a send item: hot spot from bit 12 up, attributes in bits 4..7. */
enum L4_fpage_control { L4_FPAGE_CONTROL_OFFSET_SHIFT = 12 };
#define L4_FPAGE_CONTROL_MASK (~0UL << L4_FPAGE_CONTROL_OFFSET_SHIFT)

/* Attributes of capabilities in that word, in place; object rights not named are dropped. */
enum L4_obj_fpage_ctl {
	L4_FPAGE_C_REF_CNT = 0x00,
	L4_FPAGE_C_NO_REF_CNT = 0x10, /* weak: does not keep the object alive */
	L4_FPAGE_C_OBJ_RIGHT1 = 0x20,
	L4_FPAGE_C_OBJ_RIGHT2 = 0x40,
	L4_FPAGE_C_OBJ_RIGHT3 = 0x80,
	L4_FPAGE_C_OBJ_RIGHTS = 0xe0,
	L4_FPAGE_C_IPCGATE_SVR = L4_FPAGE_C_OBJ_RIGHT1 /* server side of a gate */
};

/* Memory type in that word, still to be shifted by 4 (l4_map_control() does); 0 = as sender. */
enum l4_fpage_cacheability_opt_t {
	L4_FPAGE_CACHE_OPT = 1,
	L4_FPAGE_UNCACHEABLE = 1,
	L4_FPAGE_CACHEABLE = 3,
	L4_FPAGE_BUFFERABLE = 5
};

typedef union l4_fpage_t {
	l4_umword_t fpage;
	l4_umword_t raw;
} l4_fpage_t;

/* The two words of a send item. */
typedef struct l4_snd_fpage_t {
	l4_umword_t snd_base;
	l4_fpage_t fpage;
} l4_snd_fpage_t;

L4_STATIC_ASSERT(sizeof(l4_fpage_t) == 8 && sizeof(l4_snd_fpage_t) == 16);

/* Flexpage word from its fields; address is in place (bits 12 up). */
L4_INLINE l4_fpage_t __l4_fpage_generic(unsigned long address, unsigned type, unsigned size,
					unsigned char rights) L4_NOTHROW
{
	l4_fpage_t f;

	f.raw =
	    (address & L4_FPAGE_ADDR_MASK) | ((size << L4_FPAGE_SIZE_SHIFT) & L4_FPAGE_SIZE_MASK) |
	    ((type << L4_FPAGE_TYPE_SHIFT) & L4_FPAGE_TYPE_MASK) | (rights & L4_FPAGE_RIGHTS_MASK);
	return f;
}

/* Memory of 2^size bytes (12 up, or L4_WHOLE_ADDRESS_SPACE) at the user address. */
L4_INLINE l4_fpage_t l4_fpage(l4_addr_t address, unsigned size, unsigned char rights) L4_NOTHROW
{
	return __l4_fpage_generic(address, L4_FPAGE_MEMORY, size, rights);
}

/* 2^size I/O ports from port on, with all rights. */
L4_INLINE l4_fpage_t l4_iofpage(unsigned long port, unsigned size) L4_NOTHROW
{
	return __l4_fpage_generic(port << L4_FPAGE_ADDR_SHIFT, L4_FPAGE_IO, size, L4_FPAGE_RW);
}

/* 2^order capability slots from the selector obj on; rights of L4_cap_fpage_rights. */
L4_INLINE l4_fpage_t l4_obj_fpage(l4_cap_idx_t obj, unsigned order, unsigned char rights) L4_NOTHROW
{
	return __l4_fpage_generic(obj, L4_FPAGE_OBJ, order, rights);
}

/* Receive window or unmap range that covers memory, ports and capabilities wholly. */
L4_INLINE l4_fpage_t l4_fpage_all(void) L4_NOTHROW
{
	return __l4_fpage_generic(0, L4_FPAGE_SPECIAL, L4_WHOLE_ADDRESS_SPACE, 0);
}

/* The nil flexpage. */
L4_INLINE l4_fpage_t l4_fpage_invalid(void) L4_NOTHROW
{
	return __l4_fpage_generic(0, L4_FPAGE_SPECIAL, 0, 0);
}

/* Rights field. */
L4_INLINE unsigned l4_fpage_rights(l4_fpage_t f) L4_NOTHROW
{
	return (unsigned)f.raw & L4_FPAGE_RIGHTS_MASK;
}

/* Type field, as in L4_fpage_type. */
L4_INLINE unsigned l4_fpage_type(l4_fpage_t f) L4_NOTHROW
{
	return ((unsigned)f.raw & L4_FPAGE_TYPE_MASK) >> L4_FPAGE_TYPE_SHIFT;
}

/* Order: log2 of the size in bytes, ports or slots. */
L4_INLINE unsigned l4_fpage_size(l4_fpage_t f) L4_NOTHROW
{
	return ((unsigned)f.raw & L4_FPAGE_SIZE_MASK) >> L4_FPAGE_SIZE_SHIFT;
}

/* Address field shifted down: page number, port or capability index. */
L4_INLINE unsigned long l4_fpage_page(l4_fpage_t f) L4_NOTHROW
{
	return f.raw >> L4_FPAGE_ADDR_SHIFT;
}

/* First port of an I/O flexpage. */
L4_INLINE unsigned long l4_fpage_ioport(l4_fpage_t f) L4_NOTHROW
{
	return l4_fpage_page(f);
}

/* User address of a memory flexpage, as given (not aligned to the order). */
L4_INLINE l4_addr_t l4_fpage_memaddr(l4_fpage_t f) L4_NOTHROW
{
	return f.raw & L4_FPAGE_ADDR_MASK;
}

/* First selector of an object flexpage. */
L4_INLINE l4_cap_idx_t l4_fpage_obj(l4_fpage_t f) L4_NOTHROW
{
	return f.raw & L4_FPAGE_ADDR_MASK;
}

/* src with other rights. */
L4_INLINE l4_fpage_t l4_fpage_set_rights(l4_fpage_t src, unsigned char new_rights) L4_NOTHROW
{
	src.raw &= ~(l4_umword_t)L4_FPAGE_RIGHTS_MASK;
	src.raw |= new_rights & L4_FPAGE_RIGHTS_MASK;
	return src;
}

/* Not 0 if the W right is there. */
L4_INLINE int l4_is_fpage_writable(l4_fpage_t fp) L4_NOTHROW
{
	return (int)(l4_fpage_rights(fp) & L4_FPAGE_W);
}

/*
 * First word of a memory send item: hot spot (address), cache type of
 * l4_fpage_cacheability_opt_t, L4_MAP_ITEM_MAP or L4_MAP_ITEM_GRANT.
 */
L4_INLINE l4_umword_t l4_map_control(l4_umword_t spot, unsigned char cache,
				     unsigned grant) L4_NOTHROW
{
	return (spot & L4_FPAGE_CONTROL_MASK) | ((l4_umword_t)cache << 4) | L4_ITEM_MAP | grant;
}

/* First word of a capability or I/O send item; or in bits of L4_obj_fpage_ctl as needed. */
L4_INLINE l4_umword_t l4_map_obj_control(l4_umword_t spot, unsigned grant) L4_NOTHROW
{
	return l4_map_control(spot, 0, grant);
}

/* 1 if 2^size bytes at addr lie wholly in the memory flexpage. */
L4_INLINE int l4_fpage_contains(l4_fpage_t fpage, l4_addr_t addr, unsigned size) L4_NOTHROW
{
	l4_addr_t start = l4_fpage_memaddr(fpage);
	l4_addr_t last = start + ((1UL << l4_fpage_size(fpage)) - 1);

	return start <= addr && addr + ((1UL << size) - 1) <= last;
}

/*
 * Largest order, from order on (log2 bytes, at most 30), of a flexpage around addr that lies in
 * [min_addr, max_addr) and that agrees with hotspot in all bits below its order.
 * hotspot ~0UL: no growth.
 */
L4_INLINE unsigned char l4_fpage_max_order(unsigned char order, l4_addr_t addr, l4_addr_t min_addr,
					   l4_addr_t max_addr,
					   l4_addr_t hotspot L4_DEFAULT_PARAM(0)) L4_NOTHROW
{
	for (; order < 30 && hotspot != ~0UL; order++) {
		l4_addr_t offset_mask = (2UL << order) - 1;
		l4_addr_t base = addr & ~offset_mask;

		if (base < min_addr || base + offset_mask > max_addr - 1 ||
		    ((addr ^ hotspot) & offset_mask))
			break;
	}
	return order;
}

#endif
