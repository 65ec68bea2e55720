-- SPDX-License-Identifier: MIT
-- Starting programs: the environment that a script describes, and loaders with their defaults.
local core, ned = ...

ned.Proto = {
	Ipc_gate = 0, Irq = -1, Sigma0 = -6, Log = -13, Scheduler = -14, Factory = -15, Vm = -16,
	Dma_space = -17, Irq_sender = -18, Semaphore = -20, Iommu = -22,
	Dataspace = 0x4000, Namespace = 0x4001, Goos = 0x4003, Mem_alloc = 0x4004, Rm = 0x4005,
	Event = 0x4006, Inhibitor = 0x4007,
}

ned.Ldr_flags = { eager_map = 1, all_segs_cow = 2, pinned_segs = 4 }

ned.Dbg = { Info = 1, Warn = 2, Boot = 4, Server = 0x10, Exceptions = 0x20, Cmd_line = 0x40,
	    Loader = 0x80, Name_space = 0x400, All = 0xffffffff }

ned.Env = ned.watch_env(core.env())

for name, types in pairs{ log = { "L4::Vcon" }, factory = { "L4::Factory" }, sigma0 = { "L4::Factory" },
			  scheduler = { "L4::Scheduler" }, icu = { "L4::Icu", "L4::Platform_control" } } do
	local cap = rawget(ned.Env, name)
	if cap then
		core.data(cap).otherwise = { name = types[1] }
		for i, type_name in ipairs(types) do
			core.data(cap).otherwise[i] = ned.get_cap_class(type_name)
		end
	end
end

local UPPER_HALF = 0x10000
local NAME_MAX = 16

-- What start() and startv() know; anything else in the table is a mistake.
local KEYS, key_names = {}, {}
for key in ([[caps log file mem factory scheduler rm_fab ns_fab log_fab dbg_events ns l4re_dbg ldr_flags
	      base itas_base l4re_loader restart upper_half prio posix_env]]):gmatch("%S+") do
	KEYS[key] = true
	key_names[#key_names + 1] = key
end

-- CPU sets -------------------------------------------------------------------------------------

local Cpu_set = ned.Class{}
ned.Cpu_set = Cpu_set

-- nil: all CPUs; number, "a-b", or a list of these; {}: none.
function Cpu_set:init(spec)
	if spec ~= nil then
		self.cpus = {}
		for _, part in ipairs(type(spec) == "table" and spec or { spec }) do
			self:add(part)
		end
	end
end

function Cpu_set:add(part)
	local first, last = tostring(part):match("^(%d+)%-(%d+)$")
	first = math.tointeger(tonumber(first or part))
	last = math.tointeger(tonumber(last or first))
	if not first or not last or first < 0 or last < first then
		ned.wrong("Cpu_set: no CPU or range of CPUs: %s", tostring(part))
	end
	if self.cpus then
		for cpu = first, last do
			self.cpus[cpu] = true
		end
	end
	return self
end

function Cpu_set.__bor(a, b)
	local all = Cpu_set:new()
	if a.cpus and b.cpus then
		all.cpus = {}
		for _, set in ipairs{ a, b } do
			for cpu in pairs(set.cpus) do
				all.cpus[cpu] = true
			end
		end
	end
	return all
end

function Cpu_set.__band(a, b)
	if not a.cpus or not b.cpus then
		local set = Cpu_set:new()
		set.cpus = (a.cpus or b.cpus) and table.move({}, 1, 0, 1, {})
		for cpu in pairs(a.cpus or b.cpus or {}) do
			set.cpus[cpu] = true
		end
		return set
	end
	local both = Cpu_set:new{}
	for cpu in pairs(a.cpus) do
		both.cpus[cpu] = b.cpus[cpu]
	end
	return both
end

local function sorted(cpus)
	local list = {}
	for cpu in pairs(cpus) do
		list[#list + 1] = cpu
	end
	table.sort(list)
	return list
end

function Cpu_set:__tostring()
	return "{ " .. (self.cpus and table.concat(sorted(self.cpus), ", ") or "all") .. " }"
end

-- Masks of 64 CPUs each; nothing for all CPUs.
function Cpu_set:factory_args()
	if not self.cpus then
		return
	end
	local list = sorted(self.cpus)
	local masks = { 0 }
	for word = 1, (list[#list] or 0) // 64 do
		masks[word + 1] = 0
	end
	for _, cpu in ipairs(list) do
		masks[cpu // 64 + 1] = masks[cpu // 64 + 1] | 1 << (cpu % 64)
	end
	return table.unpack(masks)
end

-- The environment of a program -----------------------------------------------------------------

local App_env = ned.Class{}
ned.App_env = App_env

-- description: the first table of start(); its loader gives the defaults.
function App_env:init(description, loader)
	for key in pairs(description) do
		if not KEYS[key] and key ~= "loader" then
			ned.wrong("start: unknown key '%s'%s", tostring(key),
				  ned.like(tostring(key), key_names))
		end
	end
	self.description = description
	self.own = {} -- references to what is made for this program alone
	self.ends = {} -- what is deleted with its last end
	self.loader = description.loader or loader or ned.default_loader
end

-- Call functions until they give a value.
local function value_of(value, table)
	while type(value) == "function" do
		value = value(table)
	end
	return value
end

function App_env:get(key, default)
	local value = value_of(self.description[key], self.description)
	if value == nil then
		value = default
	end
	if value ~= nil and not core.is_cap(value) then
		ned.wrong("start: '%s' must be a capability, not a %s", key, type(value))
	end
	return value
end

function App_env:number(key)
	local value = self.description[key]
	if value ~= nil and math.type(value) ~= "integer" then
		ned.wrong("start: '%s' must be an integer, not %s", key, tostring(value))
	end
	return value
end

function App_env:log(program)
	local log = value_of(self.description.log, self.description)
	if log == nil then
		log = {}
	end
	if core.is_cap(log) then
		return log
	elseif type(log) ~= "table" then
		ned.wrong("start: 'log' must be a capability or a table, not a %s", type(log))
	end
	local words = { table.unpack(log) }
	words[1] = words[1] or program:match("[^/]+$")
	words[2] = words[2] or "w"
	local fab = self.description.log_fab or self.loader.log_fab
	return ned.create_own(self.own, fab, ned.Proto.Log, table.unpack(words))
end

local function check_name(name)
	if type(name) ~= "string" or #name == 0 or #name > NAME_MAX then
		ned.wrong("start: name of a capability must have 1 to %d characters: %s", NAME_MAX,
			  tostring(name))
	end
end

local function sorted_names(caps)
	local names = {}
	for name in pairs(caps) do
		check_name(name)
		names[#names + 1] = name
	end
	table.sort(names)
	return names
end

local function with_defaults(caps, defaults)
	local all = {}
	for name, value in pairs(defaults) do
		all[name] = value
	end
	for name, value in pairs(caps) do
		all[name] = value
	end
	return all
end

-- The kernel deletes what a dying task could delete: channels end with their server. Those of a
-- program that is started again must not, until it has ended for good.
function App_env:handed(cap)
	local rights = core.rights(cap)
	if self.description.restart == nil or rights & ned.Rights.d == 0 then
		return cap
	end
	self.ends[#self.ends + 1] = cap
	return core.copy(cap, rights & ~ned.Rights.d)
end

-- The named capabilities: a list of { name =, cap = }. Tables become namespaces.
function App_env:caps()
	local wanted = self.description.caps or {}
	if type(wanted) ~= "table" then
		ned.wrong("start: 'caps' must be a table, not a %s", type(wanted))
	end
	wanted = with_defaults(wanted, self.loader.default_caps)
	local list = {}
	for _, name in ipairs(sorted_names(wanted)) do
		local cap = value_of(wanted[name], wanted)
		if type(cap) == "table" and not core.is_cap(cap) then
			cap = ned.new_namespace(cap, self.description.ns_fab or self.loader.ns_fab,
						self.own)
		end
		if core.is_cap(cap) then
			list[#list + 1] = { name = name, cap = self:handed(cap) }
		elseif cap ~= nil then
			ned.wrong("start: capability '%s' is a %s", name, type(cap))
		end
	end
	if self.description.ns then
		list[#list + 1] = { name = "ns",
				    cap = ned.new_namespace(self.description.ns, self.loader.ns_fab) }
	end
	return list
end

function App_env:flags()
	local flags = self:number("ldr_flags") or 0
	if self.description.upper_half then
		flags = flags | UPPER_HALF
	end
	return flags
end

-- Everything that the program is built from.
function App_env:config(program)
	local loader = self.loader
	return {
		file = self:get("file"),
		mem = self:get("mem", loader.mem),
		factory = self:get("factory", loader.factory),
		scheduler = self:get("scheduler", ned.Env.scheduler),
		rm_fab = self:get("rm_fab", loader.rm_fab),
		dbg_events = self:get("dbg_events", loader.dbg_events),
		log = self:log(program),
		caps = self:caps(),
		l4re_dbg = self:number("l4re_dbg") or ned.Dbg.Warn,
		ldr_flags = self:flags(),
		base = self:number("base"),
		prio = self:number("prio"),
	}
end

-- Words of the command, then perhaps a table of environment variables.
local function split_vector(program, ...)
	local words = table.pack(...)
	local variables = {}
	if type(words[words.n]) == "table" then
		variables = words[words.n]
		words.n = words.n - 1
	end
	local argv = { program }
	for i = 1, words.n do
		if words[i] == nil or type(words[i]) == "table" then
			ned.wrong("start: argument %d of %s is a %s", i, program, type(words[i]))
		end
		argv[i + 1] = tostring(words[i])
	end
	local envp = {}
	for name, value in pairs(variables) do
		envp[#envp + 1] = name .. "=" .. tostring(value)
	end
	table.sort(envp)
	return argv, envp
end

-- The dataspace with the program: that of the script, or what the path names. References that nobody
-- else has are added to `own`.
local function open_program(path, given, mem, own)
	local file, code = given, nil
	if not file then
		file, code = ned.resolve(path)
		own[#own + 1] = file
	end
	if not file then
		local hint = ned.resolve("rom/" .. path) and " (is 'rom/" .. path .. "' meant?)" or ""
		ned.fail(code, "cannot start " .. path .. ": no such file" .. hint)
	end
	file, code = core.file(file, mem)
	if not file then
		ned.fail(code, "cannot start " .. path .. ": the file cannot be read")
	end
	if file ~= given then
		own[#own + 1] = file
	end
	return file
end

local function start_program(config)
	local id, code, text, subject = core.start(config)
	if not id then
		ned.fail(code, string.format("cannot start %s: %s: %s", config.name,
					     text or "no memory", subject or config.name))
	end
	return id
end

-- The low-level start: a ready configuration. The result is a task object.
function ned.exec(config, program, ...)
	if type(program) ~= "string" then
		ned.wrong("start: name of a program expected, not a %s", type(program))
	end
	local complete = {}
	for key, value in pairs(config) do
		complete[key] = value
	end
	complete.name = program
	local own = config.own or {}
	complete.file = open_program(program, config.file, config.mem, own)
	complete.argv, complete.envp = split_vector(program, ...)
	return ned.Task:new(program, function() return start_program(complete) end, config.restart, own,
			    config.ends)
end

local RESTART = { always = true, ["on-fault"] = true }

function App_env:start(program, ...)
	local restart = self.description.restart
	if restart ~= nil and not RESTART[restart] and math.type(restart) ~= "integer" then
		ned.wrong("start: restart must be \"always\", \"on-fault\" or a number, not %s",
			  tostring(restart))
	end
	local config = self:config(program)
	config.restart, config.own, config.ends = restart, self.own, self.ends
	return ned.exec(config, program, ...)
end

-- Loaders --------------------------------------------------------------------------------------

local Loader = ned.Class{}
ned.Loader = Loader

local LOADER_KEYS = { "mem", "loader", "factory", "log_fab", "ns_fab", "rm_fab", "sched_fab",
		      "default_caps", "dbg_events" }

-- Also called as Loader.new{...}.
function Loader.new(self, settings)
	settings = settings or self
	local loader = setmetatable({}, Loader)
	for _, key in ipairs(LOADER_KEYS) do
		loader[key] = settings[key]
	end
	if not loader.mem then
		ned.wrong("Loader.new: 'mem' is missing")
	end
	local fab = loader.loader or loader.mem
	for _, key in ipairs{ "log_fab", "ns_fab", "rm_fab", "sched_fab" } do
		loader[key] = loader[key] or fab
	end
	loader.factory = loader.factory or ned.Env.factory
	loader.default_caps = loader.default_caps or
			      { rom = ned.Env.rom and ned.Env.rom:m("r") }
	return loader
end

local function check_self(self, name)
	if getmetatable(self) ~= Loader then
		ned.wrong("%s: call it with ':', as in L4.default_loader:%s(...)", name, name)
	end
end

local function check_environment(environment)
	if type(environment) ~= "table" then
		ned.wrong("start: the first argument is a table (capabilities, log), not a %s",
			  type(environment))
	end
end

function Loader:new_channel()
	check_self(self, "new_channel")
	return ned.create(self.factory, ned.Proto.Ipc_gate)
end

-- Words of a command, split at white space.
function Loader.split_args(command)
	local words = {}
	for word in command:gmatch("%S+") do
		words[#words + 1] = word
	end
	return table.unpack(words)
end

-- start(environment, "rom/prog arg1 arg2" [, variables])
function Loader:start(environment, command, variables)
	check_self(self, "start")
	check_environment(environment)
	if type(command) ~= "string" or not command:find("%S") then
		ned.wrong("start: command expected after the table, not %s",
			  type(command) == "string" and "an empty string" or type(command))
	end
	local words = { Loader.split_args(command) }
	words[#words + 1] = variables
	return self:startv(environment, table.unpack(words))
end

-- startv(environment, "rom/prog", "arg 1", ... [, variables])
function Loader:startv(environment, program, ...)
	check_self(self, "startv")
	check_environment(environment)
	return App_env:new(environment, self):start(program, ...)
end

function Loader:create_namespace(entries, fab)
	return ned.new_namespace(entries or {}, fab or self.ns_fab)
end

function Loader:fill_namespace(ns, entries, fab)
	return ned.fill_namespace(ns, entries, fab or self.ns_fab)
end

-- A scheduler whose programs run at prio_offset above, up to prio_limit, on the CPUs of a Cpu_set.
function Loader:create_sched_proxy(settings)
	local offset = settings.prio_offset or 0
	local limit = settings.prio_limit or offset + 10
	local masks = {}
	if settings.cpus then
		masks = { settings.cpus:factory_args() }
	end
	return ned.create(settings.fab or self.sched_fab, ned.Proto.Scheduler, limit, offset,
			  table.unpack(masks)):m("rws")
end

-- The report of a fault has the calls that led to it, so no program is started for that.
function Loader:start_backtracer()
	check_self(self, "start_backtracer")
	print("Ned: start_backtracer: not needed, reports of faults have a back-trace")
end

ned.default_loader = Loader.new{ mem = ned.Env.mem_alloc, factory = ned.Env.factory,
				 dbg_events = ned.Env.dbg_events }
