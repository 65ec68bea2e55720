-- SPDX-License-Identifier: MIT
-- Test Anything Protocol for scenarios. Lines have no numbers, as those of guests (`ok - ...`,
-- `not ok - ...`), which count as well: vmm's log is the bare console.
local L4 = require("L4")

local tap = { count = 0 }

function tap.ok(condition, name)
	tap.count = tap.count + 1
	print((condition and "ok - " or "not ok - ") .. name)
	return condition
end

function tap.same(found, wanted, name)
	if not tap.ok(found == wanted, name) then
		print("# wanted " .. tostring(wanted) .. "\n# found  " .. tostring(found))
	end
end

-- The call must fail, and the message contain each of the texts.
function tap.raises(wanted, name, call, ...)
	local done, problem = pcall(call, ...)
	local message = done and "no error" or tostring(problem)
	for _, text in ipairs(type(wanted) == "table" and wanted or { wanted }) do
		if not message:find(text, 1, true) then
			tap.ok(false, name)
			print("# wanted " .. text .. "\n# found  " .. message:gsub("\n", " "))
			return
		end
	end
	tap.ok(true, name)
end

-- The same for a piece of a scenario, whose name is part.cfg.
function tap.fails(wanted, name, text)
	local file = assert(io.open("tmp/part.cfg", "w"))
	file:write(text)
	file:close()
	tap.raises(wanted, name, assert(loadfile("tmp/part.cfg")))
end

-- Start the probe (test/runtime/ned) with these words; the task.
function tap.probe(environment, ...)
	environment.log = environment.log or { "probe", "w" }
	return L4.default_loader:startv(environment, "rom/probe", ...)
end

-- Start vmm with these words; the task.
function tap.vmm(caps, ...)
	return L4.default_loader:startv({ caps = caps, log = L4.Env.log }, "rom/vmm", ...)
end

-- Accounting: machines get their memory and objects of the kernel from parts of what there is, and
-- everything must have come back when they are gone.
local PAGE = 4096
local PATIENCE, STEP = 20000, 50 -- ms for what must happen; between two looks

-- Can so many pages of a factory be had at once?
local function has(factory, pages)
	local good, part = pcall(factory.create, factory, L4.Proto.Factory, pages * PAGE)
	part = nil
	collectgarbage()
	return good
end

-- The largest part of a factory that can be had, in pages.
local function largest(factory)
	local low, high = 0, 1 << 18
	while high - low > 1 do
		local middle = (low + high) // 2
		if has(factory, middle) then
			low = middle
		else
			high = middle
		end
	end
	return low
end

-- Until it is true, or for so many ms; what it was the last time. What a condition does may take a
-- moment to be over, so it is not asked once more.
function tap.wait(condition, patience)
	local waited, value = 0, condition()
	while not value and waited < (patience or PATIENCE) do
		L4.msleep(STEP)
		waited = waited + STEP
		value = condition()
	end
	return value
end

local Budget = {}
Budget.__index = Budget

-- A part of the memory, and of the kernel's memory, in MiB; objects: a factory that takes its place.
function tap.budget(memory, kernel, objects)
	local all = L4.cast("L4::Factory", L4.Env.factory)
	local b = {
		memory = L4.Env.user_factory:create(L4.Proto.Factory, memory << 20):m("rws"),
		kernel = objects or
			 L4.cast("L4::Factory", all:create(L4.Proto.Factory, kernel << 20):m("rws"))
	}
	b.pages, b.kernel_pages = largest(b.memory), largest(b.kernel)
	return setmetatable(b, Budget)
end

-- Start vmm out of the budget; the task. log: nil for the bare console.
function Budget:vmm(caps, log, ...)
	return L4.default_loader:startv({ caps = caps, log = log or L4.Env.log, mem = self.memory,
					  factory = self.kernel }, "rom/vmm", ...)
end

-- All of its machines are gone: is nothing missing? One line of TAP.
function Budget:check(name)
	local back = tap.wait(function()
		return has(self.memory, self.pages) and has(self.kernel, self.kernel_pages)
	end)
	if not tap.ok(back, name .. ": every byte comes back") then
		print("# pages: wanted " .. self.pages .. ", found " .. largest(self.memory) ..
		      "; the kernel's: wanted " .. self.kernel_pages .. ", found " .. largest(self.kernel))
	end
	return back
end

-- How many lines `ok` guests are going to write.
function tap.expect(lines)
	tap.count = tap.count + lines
end

function tap.finish()
	print("1.." .. tap.count)
	L4.cast("L4::Platform_control", L4.Env.icu):system_shutdown()
end

return tap
