-- SPDX-License-Identifier: MIT
-- Test Anything Protocol for scenarios with guests. The guests' own lines `ok - ...` and
-- `not ok - ...`, which have no numbers, count as well: vmm's log is the bare console.
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

-- Start vmm with these words; the task.
function tap.vmm(caps, ...)
	return L4.default_loader:startv({ caps = caps, log = L4.Env.log }, "rom/vmm", ...)
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
