-- SPDX-License-Identifier: MIT
-- Linux guests as guest.lua describes them, each out of a budget of tap.lua.
local tap = require("rom/tap")
local guest = require("rom/guest")

local ASIDE, KERNEL = 16, 4    -- MiB beside a guest's memory: for vmm; for objects of the kernel
local LIST, TABLES = 128, 32 -- the parts of a guest's memory that its lists have; page tables of views

local machines = {}

-- A budget for so many guests.
function machines.budget(count)
	return tap.budget(count * (guest.memory + guest.memory // LIST + ASIDE),
			  count * (guest.memory // TABLES + KERNEL))
end

-- Start one out of a budget; the task. caps, log: of vmm. further: words for the kernel's command line.
function machines.start(budget, name, caps, log, further)
	return budget:vmm(caps, log, "name=" .. name, "kernel=rom/vmlinuz", "initrd=rom/initrd",
			  "mem=" .. guest.memory, "vcpus=" .. guest.vcpus,
			  "cmdline=console=hvc0 tsc=reliable clocksource=tsc " .. (further or ""),
			  "cmdline=" .. guest.append, table.unpack(guest.words))
end

return machines
