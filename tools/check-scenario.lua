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

ned.note_source(name, text)

-- Is it the script's own use of the name, and not a question whether it is there?
local function wrong_use(where, key)
	local script, line = where:match("^(.*):(%d+): $")
	return script == name and type(key) == "string" and
	       ned.use_of(script, tonumber(line), key) ~= "asked"
end

function ned.on_absent(where, key)
	if wrong_use(where, key) then
		problem(where .. "ned has no capability L4.Env." .. tostring(key))
	end
	return true
end

setmetatable(_G, { __index = function(_, key)
	local where = core.where()
	if wrong_use(where, key) then
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
