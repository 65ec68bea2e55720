// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/l4log: each line that is written appears on the log of L4, not in Linux's. A line is
 * collected until its end and goes out as one message, so lines of several writers are never mixed;
 * what is longer than a message becomes several lines. The rest without an end goes out when the
 * file is closed. The log is the capability "l4log" of the virtual machine.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <l4/re/c/log.h>
#include <l4/sys/vcon.h>

enum { PIECE = 256 };

/* An open file. */
struct writer {
	struct mutex lock;
	size_t used;
	char line[L4_VCON_WRITE_SIZE];
};

static void end_line(struct writer *w)
{
	w->line[w->used++] = '\n';
	l4re_log_printn(w->line, w->used);
	w->used = 0;
}

static void add(struct writer *w, char c)
{
	if (c == '\n' || w->used == sizeof(w->line) - 1)
		end_line(w);
	if (c != '\n')
		w->line[w->used++] = c;
}

static int l4log_open(struct inode *inode, struct file *file)
{
	struct writer *w = kzalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	mutex_init(&w->lock);
	file->private_data = w;
	return nonseekable_open(inode, file);
}

static ssize_t l4log_write(struct file *file, const char __user *from, size_t bytes, loff_t *at)
{
	struct writer *w = file->private_data;
	char piece[PIECE];
	size_t done = 0;
	size_t n, i;

	if (mutex_lock_interruptible(&w->lock))
		return -ERESTARTSYS;
	while (done < bytes) {
		n = min_t(size_t, bytes - done, PIECE);
		if (copy_from_user(piece, from + done, n))
			break;
		for (i = 0; i < n; i++)
			add(w, piece[i]);
		done += n;
		cond_resched();
	}
	mutex_unlock(&w->lock);
	return done || !bytes ? done : -EFAULT;
}

static int l4log_release(struct inode *inode, struct file *file)
{
	struct writer *w = file->private_data;

	if (w->used)
		end_line(w);
	kfree(w);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = l4log_open,
	.write = l4log_write,
	.release = l4log_release,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "l4log",
	.fops = &operations,
	.mode = 0222,
};

static int __init l4log_init(void)
{
	if (!l4_is_valid_cap(l4re_env()->log))
		return -ENODEV;
	return misc_register(&device);
}

static void __exit l4log_exit(void)
{
	misc_deregister(&device);
}

module_init(l4log_init);
module_exit(l4log_exit);
MODULE_DESCRIPTION("The log of L4 as a device");
MODULE_LICENSE("GPL");
