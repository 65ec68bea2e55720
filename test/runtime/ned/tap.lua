-- SPDX-License-Identifier: MIT
-- Test Anything Protocol for scenarios, and the start of the probe with its verdict.
local L4 = require("L4")

local tap = { count = 0 }

function tap.ok(condition, name)
	tap.count = tap.count + 1
	print((condition and "ok " or "not ok ") .. tap.count .. " - " .. name)
end

function tap.same(found, wanted, name)
	tap.ok(found == wanted, name)
	if found ~= wanted then
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

-- Start the probe with these words; the task.
function tap.probe(environment, ...)
	environment.log = environment.log or { "probe", "w" }
	return L4.default_loader:startv(environment, "rom/probe", ...)
end

function tap.finish()
	print("1.." .. tap.count)
	L4.cast("L4::Platform_control", L4.Env.icu):system_shutdown()
end

return tap
