-- SPDX-License-Identifier: MIT
-- Capabilities: rights, and the methods of their types.
local core, ned = ...

ned.Rights = { w = 1, s = 2, r = 4, d = 8, n = 16, c = 32, ro = 4, rw = 5, rws = 7 }

local SERVER = 0xef
local NAME_OVERWRITE = 0x200
local AGAIN, NOT_THERE = -11, -2

-- All capabilities -----------------------------------------------------------------------------

local function rights_of(spec)
	if math.type(spec) == "integer" then
		return spec
	end
	local rights = ned.Rights.r
	for letter in tostring(spec):gmatch(".") do
		local right = rawget(ned.Rights, letter)
		if not right then
			ned.wrong("unknown right '%s' in \"%s\" (rights are r w s d n c)", letter, spec)
		end
		rights = rights | right
	end
	return rights
end

local base = {}

-- With an argument: a reference with exactly r and these rights; without: the rights it has.
function base.mode(cap, spec)
	if spec == nil then
		return core.rights(cap) & 0xf
	end
	return core.copy(cap, rights_of(spec))
end

base.m = base.mode
base.rights = base.mode

-- The server's side of a channel.
function base.svr(cap)
	return core.copy(cap, SERVER)
end

function base.is_valid(cap)
	return core.valid(cap)
end

local function index(cap, key)
	local method = base[key]
	if method then
		return method
	end
	for _, class in ipairs(ned.types_of(cap)) do
		method = class[key]
		if method then
			return method
		end
	end
	return nil
end

local function describe(cap)
	local data = core.data(cap)
	local types = data.types or data.otherwise -- a channel without a server cannot be asked
	return string.format("L4::Cap<%s>[0x%x] r=0x%x f=(nil)", types and types.name or "void",
			     core.index(cap), core.rights(cap))
end

core.methods{ __index = index, __tostring = describe }

-- Factory --------------------------------------------------------------------------------------

local Factory = ned.class("L4::Factory", -15)

-- The type of what a protocol number creates.
local function created(cap, protocol)
	local class = ned.get_cap_class(protocol)
	if class and protocol ~= 0 then
		core.data(cap).types = { name = class.__name, class }
	end
	return cap
end

function Factory.create(factory, protocol, ...)
	if math.type(protocol) ~= "integer" then
		ned.wrong("create: the first argument is a protocol number (L4.Proto), not %s",
			  protocol == nil and "nil" or type(protocol))
	end
	local cap, code = core.create(factory, protocol, ...)
	if not cap then
		ned.fail(code, string.format("create: protocol %d", protocol))
	end
	return cap
end

-- Objects that are made here and whose type is known need not be asked.
function ned.create(factory, protocol, ...)
	return created(Factory.create(factory, protocol, ...), protocol)
end

-- The same for an object to be handed on with rws; all references are noted in the list `own`.
function ned.create_own(own, factory, protocol, ...)
	local cap = ned.create(factory, protocol, ...)
	local handed = cap:m("rws")
	table.move({ cap, handed }, 1, 2, #own + 1, own)
	return handed
end

-- A memory allocator is a factory too.
local Mem_alloc = ned.class("L4Re::Mem_alloc", 0x400b)
Mem_alloc.create = Factory.create

-- Namespace ------------------------------------------------------------------------------------

local Namespace = ned.class("L4Re::Namespace", 0x4001)

-- Names that exist without an object are waited for.
local function query_patiently(ns, path)
	local delay = 10
	while true do
		local cap, rest = core.query(ns, path)
		if cap or rest ~= AGAIN then
			return cap, rest
		end
		core.step(delay)
		delay = delay < 100 and delay * 2 or delay
	end
end

-- Look a path up; nil and the error if it is not there.
function ned.lookup(ns, path)
	local cap, rest = query_patiently(ns, path)
	while cap and rest do
		cap, rest = query_patiently(cap, rest)
	end
	return cap, rest
end

-- A function that looks the name up when it is called: nil if it is not there.
function Namespace.query(ns, name, rights)
	return function()
		local cap, code = ned.lookup(ns, name)
		if cap then
			return rights and base.m(cap, rights) or cap
		end
		if code ~= NOT_THERE then
			ned.fail(code, "query: " .. name)
		end
		return nil
	end
end

Namespace.q = Namespace.query

function Namespace.__register(ns, name, cap)
	local flags = cap and (core.rights(cap) & 0xf | NAME_OVERWRITE)
	local done, code = core.register(ns, name, cap, flags)
	if not done then
		ned.fail(code, "register: " .. name)
	end
end

-- A path in ned's own capabilities: "rom/prog".
function ned.resolve(path)
	local first, rest = path:match("^/*([^/]+)/*(.*)$")
	local cap = first and ned.Env[first]
	if cap and #rest > 0 then
		return ned.lookup(cap, rest)
	end
	return cap, NOT_THERE
end

-- Value: capability, path, function that gives one, table that becomes a namespace; nil: nothing.
function Namespace.register(ns, name, value, fab)
	name = tostring(name)
	while type(value) == "function" do
		value = value(ns, name)
	end
	if value == nil then
		return
	end
	if type(value) == "string" then
		local path = value
		value = ned.resolve(path)
		if not value then
			ned.fail(NOT_THERE, string.format("register: %s: no such name: %s", name, path))
		end
	elseif type(value) == "table" and not core.is_cap(value) then
		if not fab then
			ned.wrong("register: '%s' is a table, so a factory is needed", name)
		end
		value = ned.new_namespace(value, fab)
	end
	if not core.is_cap(value) then
		ned.wrong("register: '%s' is a %s, not a capability", name, type(value))
	end
	Namespace.__register(ns, name, value)
end

Namespace.r = Namespace.register

function ned.fill_namespace(ns, entries, fab)
	for name, value in pairs(entries) do
		Namespace.register(ns, name, value, fab)
	end
	return ns
end

-- own: list of references that a program's end releases, or nil.
function ned.new_namespace(entries, fab, own)
	local ns = ned.create_own(own or {}, fab, 0x4001)
	return ned.fill_namespace(ns, entries, fab)
end

-- Others ---------------------------------------------------------------------------------------

local function checked(what, value, ...)
	if value == nil then
		ned.fail(..., what)
	end
	return value, ...
end

local Dataspace = ned.class("L4Re::Dataspace", 0x4000)

-- Size in bytes, flags.
function Dataspace.info(ds)
	return checked("dataspace info", core.ds_info(ds))
end

function Dataspace.size(ds)
	return (Dataspace.info(ds))
end

local Log = ned.class("L4::Vcon", -13)

function Log.write(log, ...)
	core.write(log, table.concat({ ... }))
end

function Log.print(log, ...)
	local words = table.pack(...)
	for i = 1, words.n do
		words[i] = tostring(words[i])
	end
	core.write(log, table.concat(words, "\t") .. "\n")
end

local Client_log = ned.class("L4Re::Log")
Client_log.write, Client_log.print = Log.write, Log.print

local Scheduler = ned.class("L4::Scheduler", -14)

-- Mask of the CPUs from the given one on, and the number of CPUs.
function Scheduler.info(scheduler, first)
	return checked("scheduler info", core.sched_info(scheduler, first or 0))
end

local Debug = ned.class("L4Re::Debug_obj", -0x8000)

function Debug.debug(object, operation)
	return checked("debug", core.debug(object, operation or 0))
end

local Platform = ned.class("L4::Platform_control")

function Platform.system_suspend(control, extras)
	return checked("system_suspend", core.suspend(control, extras or 0))
end

-- status, 0 to 255: what an unattended `make run` ends with. tools/run reads the last of these lines.
function Platform.system_shutdown(control, reboot, status)
	if status ~= nil then
		if math.type(status) ~= "integer" or status < 0 or status > 255 then
			ned.wrong("system_shutdown: a status is a number from 0 to 255, not %s", tostring(status))
		end
		print("Ned: switched off with status " .. status)
	end
	return checked("system_shutdown", core.shutdown(control, reboot or 0))
end

-- A virtual machine, by the channel that its vmm serves: guest/include/guest/control.h.
local Machine = ned.class("Zwinger::GuestControl", 0x5a58)

local STATE, VCPU, PAUSE, RESUME, KILL, RESTART, SYSRQ, SHUTDOWN = 1, 2, 8, 9, 10, 11, 12, 13
local ENDS = { poweroff = 0, reboot = 1, halt = 2 }
local PAUSED, UP = 1, 2
local PAUSE_TRIES, PAUSE_WAIT, BUSY = 1000, 10, -16 -- ms
local TRIES, SILENT = 250, -2002 -- of 20 ms

-- The words of the answer. Without a vmm nobody will ever receive the request.
local function ask(machine, ...)
	for _ = 1, TRIES do
		local answer = table.pack(core.ask(machine, Machine.__protocol, ...))
		if answer[1] ~= nil or answer[2] ~= SILENT then
			return select(2, checked("machine control", table.unpack(answer, 1, answer.n)))
		end
		core.step(0)
	end
	ned.fail(SILENT, "machine control: it does not answer: no vmm serves its channel")
end

-- A table: state ("runs", "paused"), vcpus, priority, memory (bytes), starts, uptime (ms), console (bytes
-- that it has written).
function Machine.info(machine)
	local s = table.pack(ask(machine, STATE))
	return { state = s[1] == PAUSED and "paused" or "runs", vcpus = s[2], priority = s[3],
		 memory = s[4], starts = s[9], uptime = s[10] // 1000, console = s[11] }
end

-- Do all vCPUs that are up stand still?
local function stands(machine, vcpus)
	for i = 0, vcpus - 1 do
		local run, standing = ask(machine, VCPU, i)
		if run == UP and standing == 0 then
			return false
		end
	end
	return true
end

-- Returns when it stands still.
function Machine.pause(machine)
	ask(machine, PAUSE)
	local vcpus = Machine.info(machine).vcpus
	for _ = 1, PAUSE_TRIES do
		if stands(machine, vcpus) then
			return
		end
		ned.sleep(PAUSE_WAIT)
	end
	ned.fail(BUSY, "pause: the machine does not stand still")
end

function Machine.resume(machine)
	ask(machine, RESUME)
end

function Machine.kill(machine)
	ask(machine, KILL)
end

function Machine.restart(machine)
	ask(machine, RESTART)
end

function Machine.sysrq(machine)
	ask(machine, SYSRQ)
end

-- Ask its kernel to end it in order: "poweroff" (if nothing is said), "reboot", "halt".
function Machine.shutdown(machine, how)
	local number = ENDS[how or "poweroff"]
	if not number then
		ned.wrong("shutdown: unknown end '%s' (poweroff, reboot, halt)", tostring(how))
	end
	ask(machine, SHUTDOWN, number)
end

for name, protocol in pairs{ ["L4Re::Rm"] = 0x4005, ["L4Re::Event"] = 0x4006,
			     ["L4Re::Inhibitor"] = 0x4007, ["L4Re::Video::Goos"] = 0x4003,
			     ["L4Re::Parent"] = 0x4002, ["L4Re::Dma_space"] = 0x4008,
			     ["L4::Icu"] = -1, ["L4::Semaphore"] = -20, ["L4::Iommu"] = -22,
			     ["L4::Vm"] = -16, ["L4::Task"] = -11, ["L4::Thread"] = -12 } do
	ned.class(name, protocol)
end
