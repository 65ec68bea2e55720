-- SPDX-License-Identifier: MIT
-- Run a scenario's script on the host. Usage: lua check-scenario.lua SCRIPT NAME=BYTES...
-- Prints lines `problem TEXT`, `memory BYTES` for what is reserved, and `program` for each start.
package.path = "tools/?.lua;" .. package.path
local host = require("ned_host")

local FACTORY, DATASPACE = -15, 0x4000
local path = arg[1]
local rom = {}
for i = 2, #arg do
	local name, bytes = arg[i]:match("^(.*)=(%d+)$")
	rom[name] = tonumber(bytes)
end

local file = assert(io.open(path))
local text = file:read("a")
file:close()
local name = "rom/" .. path:match("[^/]+$")

local function problem(message)
	io.stdout:write("problem ", (tostring(message):gsub("\n", " ")), "\n")
end

local output = io.stdout
print = function() end
local core, ned, note = host.new{ rom = rom }

local lines = {}
for line in (text .. "\n"):gmatch("(.-)\n") do
	lines[#lines + 1] = line
end

-- A line that asks whether a name is there may find it absent.
local function asks(where)
	local line = lines[tonumber(where:match(":(%d+): $"))] or ""
	return line:find("%f[%w]if%f[%W]") or line:find("%f[%w]or%f[%W]") or
	       line:find("%f[%w]and%f[%W]") or line:find("%f[%w]not%f[%W]")
end

setmetatable(ned.Env, { __index = function(_, key)
	local where = core.where()
	if where:find(name, 1, true) and not asks(where) then
		problem(where .. "ned has no capability L4.Env." .. tostring(key))
	end
end })

setmetatable(_G, { __index = function(_, key)
	local where = core.where()
	if where:find(name, 1, true) and not asks(where) then
		problem(where .. "unknown name: " .. tostring(key))
	end
end })

local chunk, message = load(text, "@" .. name)
if not chunk then
	problem(message)
	return
end
local done, failure = pcall(chunk)
if not done then
	problem(failure)
end
for _, made in ipairs(note.created) do
	if (made.protocol == FACTORY or made.protocol == DATASPACE) and made[1] > 0 then
		output:write("memory ", made[1], "\n")
	end
end
for _ = 1, #note.started do
	output:write("program\n")
end
