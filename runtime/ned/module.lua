-- SPDX-License-Identifier: MIT
-- The module L4, as scripts see it.
local core, ned = ...

local L4 = {
	Env = ned.Env,
	Proto = ned.Proto,
	Rights = ned.Rights,
	Ldr_flags = ned.Ldr_flags,
	Dbg = ned.Dbg,
	Mem_alloc_flags = { Continuous = 1, Pinned = 2, Super_pages = 4 },
	Class = ned.Class,
	Cpu_set = ned.Cpu_set,
	App_env = ned.App_env,
	Loader = ned.Loader,
	default_loader = ned.default_loader,
	exec = ned.exec,
	cast = ned.cast,
	get_cap_class = ned.get_cap_class,
}

L4.Info = {
	arch = function() return "amd64" end,
	platform = core.platform,
	mword_bits = function() return 64 end,
	Kip = { str = core.kernel_version },
}

function L4.sleep(seconds)
	print(string.format("Ned: Sleeping %ss", seconds))
	ned.sleep(math.floor(seconds * 1000))
end

function L4.msleep(ms)
	print(string.format("Ned: Sleeping %sms", ms))
	ned.sleep(math.floor(ms))
end

-- Serve the remote command interface on the gate, for ever.
local PARSE_ERROR, RUN_ERROR = -22, -5

local function execute(text)
	local chunk, message = load(text, "=remote")
	if not chunk then
		return PARSE_ERROR, message
	end
	local result = table.pack(pcall(chunk))
	if not result[1] then
		return RUN_ERROR, tostring(result[2])
	end
	for i = 2, result.n do
		result[i] = tostring(result[i])
	end
	return 0, table.concat(result, "\t", 2, result.n)
end

function L4.server_loop(gate)
	local done, code = core.serve(gate, execute)
	if not done then
		ned.fail(code, "server_loop: cannot bind the gate (is it :svr()?)")
	end
	while true do
		ned.wait_event()
		ned.call_exit_handlers()
	end
end

-- A name that is not there is a mistake: say so where it is made.
local function strict(name, table)
	return setmetatable(table, { __index = function(_, key)
		local names = {}
		for there in pairs(table) do
			names[#names + 1] = tostring(there)
		end
		local hint = ned.like(tostring(key), names)
		if name == "L4" and rawget(ned.Loader, key) then
			hint = string.format(" (a loader has it: L4.default_loader:%s)", key)
		end
		ned.wrong("no such name: %s.%s%s", name, tostring(key), hint)
	end })
end

for name, value in pairs(L4) do
	if type(value) == "table" and not getmetatable(value) and name ~= "Env" and
	   not value.new then
		strict("L4." .. name, value)
	end
end
strict("L4", L4)

package.loaded.L4 = L4
_G.L4 = L4 -- scripts of the first generation do not look at the result of require
package.path = "?.lua;?;rom/?.lua;rom/?"
package.cpath = ""
