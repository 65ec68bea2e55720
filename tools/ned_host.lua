-- SPDX-License-Identifier: MIT
-- ned on the host: its Lua parts on a `core` that only notes what a scenario does. Used by
-- tools/check-scenario and by the tests of ned's Lua parts.
--
-- host.new{ rom = { name = bytes, ... }, env = { names }, on_start = function(config, id),
--           lifetime = "exit" | "forever" } returns core, ned, and what was noted.
local host = {}

local PARTS = { "class", "source", "cap", "task", "loader", "module", "prompt" }
local NOT_THERE = -2

-- Names of moe's first program besides those that all programs have.
host.ENV = { "dma_mgr", "icu", "jdb", "kip", "log", "mem", "rom", "rwfs", "sigma0" }
local BASE = { "parent", "rm", "mem_alloc", "user_factory", "factory", "scheduler" }

local TYPES = { log = "L4::Vcon", rom = "L4Re::Namespace", rwfs = "L4Re::Namespace",
		mem = "L4::Factory", mem_alloc = "L4::Factory", user_factory = "L4::Factory",
		factory = "L4::Factory", scheduler = "L4::Scheduler", kip = "L4Re::Dataspace",
		icu = "L4::Icu", sigma0 = "L4::Factory" }

function host.new(options)
	local core, ned, note = {}, {}, { started = {}, created = {}, output = {}, registered = {},
					 released = {} }
	local state, meta, indices, time = setmetatable({}, { __mode = "k" }), {}, 0, 0
	local alive, gone, next_id = {}, {}, 0

	local function new_cap(type_name, content)
		indices = indices + 1
		local cap = setmetatable({}, meta)
		state[cap] = { index = indices << 12, rights = 4, data = {}, type = type_name,
			       content = content }
		return cap
	end

	function core.is_cap(value) return state[value] ~= nil end
	function core.release(cap) note.released[cap] = true end
	function core.delete() end
	function core.rights(cap) return state[cap].rights end
	function core.index(cap) return state[cap].index end
	function core.valid() return true end
	function core.data(cap) return state[cap].data end
	function core.type(cap) return state[cap].type end

	function core.copy(cap, rights, data)
		local copy = new_cap(state[cap].type, state[cap].content)
		state[copy].index, state[copy].rights = state[cap].index, rights & 0xff
		state[copy].data = data or state[cap].data
		return copy
	end

	function core.methods(methods)
		meta.__index, meta.__tostring = methods.__index, methods.__tostring
	end

	function core.env()
		local env = {}
		for _, list in ipairs{ BASE, options.env or host.ENV } do
			for _, name in ipairs(list) do
				local files = name == "rom" and options.rom or {}
				env[name] = new_cap(TYPES[name], files)
				state[env[name]].rights = 7
			end
		end
		return env
	end

	function core.interface(cap, n)
		if n > 0 or not state[cap].type then
			return nil, -34
		end
		local class = ned.get_cap_class(state[cap].type)
		return class.__protocol or 0, state[cap].type
	end

	function core.create(factory, protocol, ...)
		if options.refuse and options.refuse(protocol, ...) then
			return nil, options.refuse(protocol, ...)
		end
		table.insert(note.created, { factory = factory, protocol = protocol, ... })
		local class = ned.get_cap_class(protocol)
		return new_cap(class and class.__name, {})
	end

	function core.query(ns, name)
		local files = state[ns].content or {}
		if files[name] == nil then
			return nil, NOT_THERE
		end
		return type(files[name]) == "table" and files[name].cap or
		       new_cap("L4Re::Dataspace", files[name])
	end

	function core.register(ns, name, cap, flags)
		state[ns].content[name] = cap and { cap = cap } or nil
		note.registered[name] = flags or false
		return 0
	end

	function core.file(ds) return ds end
	function core.ds_info(ds) return state[ds].content, 5 end
	function core.sched_info() return 1, 1 end
	function core.write(_, text) table.insert(note.output, text) end
	function core.debug() return 0 end
	function core.ask(_, ...)
		if options.on_ask then
			return options.on_ask(...)
		end
		return 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 -- label and words
	end

	function core.suspend() return 0 end
	function core.shutdown() return 0 end
	function core.serve() return true end
	function core.console_open() return true end
	function core.console_read() return "" end
	function core.clock() return time end
	function core.platform() return "pc" end
	function core.kernel_version() return "host" end

	function core.start(config)
		next_id = next_id + 1
		if options.on_start then
			local code, text, subject = options.on_start(config, next_id)
			if code then
				return nil, code, text, subject
			end
		end
		table.insert(note.started, config)
		alive[next_id] = true
		return next_id
	end

	-- Let a program end; for tests.
	function note.finish(id, how, code, ip, address)
		if alive[id] then
			alive[id] = nil
			table.insert(gone, { id, how, code, ip or 0, address or 0, 0, n = 6 })
		end
	end

	function core.kill(id)
		note.finish(id, "killed", 0)
		return true
	end

	function core.ended()
		local event = table.remove(gone, 1)
		if event then
			return table.unpack(event, 1, event.n)
		end
	end

	-- Time passes only here. A program that is waited for ends at once, if it is one that ends.
	function core.step(ms)
		time = time + (ms or 1)
		if options.on_step then
			options.on_step(ms, note)
		elseif ms == nil then
			for id in pairs(alive) do
				note.finish(id, "exit", 0)
			end
		end
		return true
	end

	function core.where()
		for level = 2, 50 do
			local at = debug.getinfo(level, "Sl")
			if not at then
				break
			end
			local own = at.source:find("^=ned") or at.source:find("ned_host", 1, true) or
				    at.source:find("check-scenario.lua", 1, true)
			if at.what ~= "C" and at.currentline > 0 and not own then
				return at.short_src .. ":" .. at.currentline .. ": "
			end
		end
		return ""
	end

	local folder = options.folder or "runtime/ned"
	local path, cpath = package.path, package.cpath
	for _, part in ipairs(PARTS) do
		local file = assert(io.open(folder .. "/" .. part .. ".lua"))
		local chunk = assert(load(file:read("a"), "=ned/" .. part .. ".lua"))
		file:close()
		chunk(core, ned)
	end
	package.path, package.cpath = path, cpath
	return core, ned, note
end

return host
