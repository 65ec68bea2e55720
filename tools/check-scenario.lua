-- SPDX-License-Identifier: MIT
-- Run a scenario's script on the host. Usage: lua check-scenario.lua NAME FILE=BYTES=PATH...
-- NAME is the script's in rom/, the others are all files of rom/. Prints lines `problem TEXT`,
-- `note TEXT`, `memory BYTES` for what is reserved, and `program NAME` for each start.
package.path = "tools/?.lua;" .. package.path
local host = require("ned_host")

local FACTORY, DATASPACE, GATE = -15, 0x4000, 0
local SERVER = 0x20		-- the right to serve a channel
local INSTRUCTIONS = 50000000	-- a script that does more runs for ever
local script = "rom/" .. arg[1]
local rom, paths = {}, {}
for i = 2, #arg do
	local name, bytes, path = arg[i]:match("^(.-)=(%d+)=(.*)$")
	rom[name], paths["rom/" .. name] = tonumber(bytes), path
end

local output = io.stdout
local function say(word, text)
	output:write(word, " ", (tostring(text):gsub("%s*\n%s*", " ")), "\n")
end

local function problem(message)
	say("problem", message)
end

print = function() end
local core, ned, note = host.new{ rom = rom }

-- Files -----------------------------------------------------------------------------------------

-- What the system has at a path: boot modules only.
local real_open = io.open
function io.open(name, mode)
	local path = paths[tostring(name):gsub("^/+", "")]
	if path or not tostring(name):find("^/*rom/") then
		return real_open(path or name, mode)
	end
	return nil, name .. ": No such file or directory", 2
end

local function text_of(name)
	local file, message = io.open(name)
	if not file then
		return nil, message
	end
	local text = file:read("a")
	file:close()
	ned.note_source(name, text)
	return text
end

function loadfile(name, mode, env)
	local text, message = text_of(name)
	if not text then
		return nil, "cannot open " .. message
	end
	return load(text, "@" .. name, mode, env or _G)
end

function dofile(name)
	return assert(loadfile(name))()
end

-- Modules of the system; one that is not there gets a line of its own.
package.searchers = { function(name)
	for template in ("?.lua;?;rom/?.lua;rom/?"):gmatch("[^;]+") do
		local path = template:gsub("%?", (name:gsub("%%", "%%%%")))
		if paths[path] then
			return assert(loadfile(path)), path
		end
	end
	if name:lower() == "l4" then
		return "(is 'L4' meant?)"
	end
	return "rom has neither it nor it with .lua"
end }

-- Names -----------------------------------------------------------------------------------------

-- Is it a script's own use of the name, and not a question whether it is there?
local function wrong_use(where, key)
	local name, line = where:match("^(.*):(%d+): $")
	return name and paths[name] and type(key) == "string" and
	       ned.use_of(name, tonumber(line), key) ~= "asked"
end

function ned.on_absent(where, key, _, env)
	if wrong_use(where, key) then
		local there = {}
		for name in pairs(env) do
			there[#there + 1] = name
		end
		table.sort(there)
		problem(string.format("%sned has no capability L4.Env.%s%s; there are: %s", where, key,
				      ned.like(key, there), table.concat(there, " ")))
	end
	return true
end

local globals = {}
for name in pairs(_G) do
	globals[#globals + 1] = name
end
setmetatable(_G, { __index = function(_, key)
	local where = core.where()
	if wrong_use(where, key) then
		problem(where .. "unknown name: " .. tostring(key) .. ned.like(key, globals))
	end
end })

-- Channels --------------------------------------------------------------------------------------

-- By their capability index: where it was made, whether it was handed on, and to a server.
local channels = {}

local create = core.create
function core.create(factory, protocol, ...)
	local cap, code = create(factory, protocol, ...)
	if cap and protocol == GATE then
		channels[core.index(cap)] = { where = core.where() }
	end
	return cap, code
end

local function handed(cap, name)
	local channel = core.is_cap(cap) and channels[core.index(cap)]
	if channel then
		channel.name = channel.name or name
		channel.served = channel.served or core.rights(cap) & SERVER ~= 0
	end
end

local register, start, serve = core.register, core.start, core.serve
function core.register(ns, name, cap, flags)
	handed(cap, name)
	return register(ns, name, cap, flags)
end

function core.serve(gate, ...)
	handed(gate, "server_loop")
	return serve(gate, ...)
end

function core.start(config)
	for name, value in pairs(config) do
		handed(value, name)
	end
	for _, c in ipairs(config.caps) do
		handed(c.cap, c.name)
	end
	say("program", config.name)
	return start(config)
end

local function check_channels()
	local list = {}
	for _, channel in pairs(channels) do
		if channel.name and not channel.served then
			list[#list + 1] = string.format("%sno program serves the channel that others " ..
				"have as '%s': give it to one with :svr()", channel.where, channel.name)
		end
	end
	table.sort(list)
	for _, text in ipairs(list) do
		problem(text)
	end
end

-- The script ------------------------------------------------------------------------------------

local text = assert(text_of(script))
local chunk, message = load(text, "@" .. script)
if not chunk then
	problem(message)
	return
end
local endless = {}
debug.sethook(function() error(endless, 0) end, "", INSTRUCTIONS)
local done, failure = pcall(chunk)
debug.sethook()
if done then
	check_channels()
elseif failure ~= endless then
	problem(failure)
end
if not done and failure == endless then
	say("note", script .. " runs for ever: only its beginning is checked")
elseif done and #note.started == 0 then
	say("note", script .. " starts no program")
end
for _, made in ipairs(note.created) do
	if (made.protocol == FACTORY or made.protocol == DATASPACE) and made[1] > 0 then
		say("memory", made[1])
	end
end
