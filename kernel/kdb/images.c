/* SPDX-License-Identifier: MIT */
/* Where programs and libraries lie in tasks, as told by the programs: the last ones. */
#include "core/string.h"
#include "kdb/internal.h"

#define IMAGES 128

static struct image {
	u64 task_id; /* 0: free */
	u64 base;
	char name[32];
} images[IMAGES];
static u32 next_image;

void kdb_image_add(u64 task_id, u64 base, const char *name, size_t n)
{
	u32 i = __atomic_fetch_add(&next_image, 1, __ATOMIC_RELAXED) % IMAGES;
	struct image *m = &images[i];

	m->task_id = 0;
	memset(m->name, 0, sizeof(m->name));
	memcpy(m->name, name, min_u64(n, sizeof(m->name) - 1));
	m->base = base;
	m->task_id = task_id;
}

void kdb_images_print(u64 task_id)
{
	for (unsigned i = 0; i < IMAGES; i++)
		if (images[i].task_id == task_id)
			kdb_printf("       %016lx %s\n", images[i].base, images[i].name);
}
