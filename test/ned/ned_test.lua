-- SPDX-License-Identifier: MIT
-- ned's Lua parts on the host, as TAP: what scripts may write, and what they are told when wrong.
package.path = "tools/?.lua;" .. package.path
local host = require("ned_host")

local count = 0
local the_ned -- the last one made

local function ok(condition, name)
	count = count + 1
	print((condition and "ok " or "not ok ") .. count .. " - " .. name)
end

local function same(wanted, found, name)
	ok(wanted == found, name)
	if wanted ~= found then
		print("# wanted " .. tostring(wanted) .. "\n# found  " .. tostring(found))
	end
end

local function fresh(options)
	options = options or {}
	options.rom = options.rom or { hello = 100, prog = 200 }
	local core, ned, note = host.new(options)
	the_ned = ned
	return L4, note, ned, core
end

-- The message of the error that the script raises.
local function message(script)
	local chunk = assert(load(script, "@test.cfg"))
	the_ned.note_source("test.cfg", script)
	local done, problem = pcall(chunk)
	return done and "no error" or tostring(problem)
end

local function raises(script, wanted, name)
	local found = message(script)
	ok(found:find(wanted, 1, true) ~= nil, name)
	if not found:find(wanted, 1, true) then
		print("# wanted " .. wanted .. "\n# found  " .. found)
	end
end

-- Programs -------------------------------------------------------------------------------------

do
	local L4, note = fresh()
	local task = L4.default_loader:start({ log = { "hi", "green" } }, "rom/hello one  two",
					     { B = 2, A = "x" })
	local config = note.started[1]
	same("rom/hello one two", table.concat(config.argv, " "), "start: words become arguments")
	same("A=x B=2", table.concat(config.envp, " "), "start: variables are sorted NAME=VALUE")
	same("rom", config.caps[1].name, "start: rom is given to each program")
	same(1, #config.caps, "start: and nothing else")
	same(4, config.caps[1].cap:mode(), "start: rom is read-only")
	same(-13, note.created[1].protocol, "start: a log is created")
	same("hi green", table.concat(note.created[1], " "), "start: with tag and colour")
	same("running", task:state(), "start: the task runs")
	same(nil, task:exit_code(), "start: and has no exit code yet")
end

do
	local L4, note = fresh()
	L4.default_loader:startv({}, "rom/hello", "a b", 3)
	same("rom/hello|a b|3", table.concat(note.started[1].argv, "|"), "startv: an argument a string")
	same("hello", note.created[1][1], "log: the default tag is the program's name")
end

do
	local L4, note, _, core = fresh()
	local gate = L4.default_loader:new_channel()
	L4.default_loader:start({ caps = { svc = gate:svr(), x = function() return gate end,
					   none = nil } }, "rom/hello")
	local caps = {}
	for _, c in ipairs(note.started[1].caps) do
		caps[c.name] = core.rights(c.cap)
	end
	same(0xef, caps.svc, "caps: the server's end has the server right")
	same(4, caps.x, "caps: functions are called; a channel's client end is read-only")
	L4.default_loader:start({ caps = { dir = { a = gate, b = { c = gate } } } }, "rom/hello")
	ok(note.registered.a and note.registered.c, "caps: tables become namespaces, nested too")
end

do
	local L4, note = fresh()
	local task = L4.default_loader:start({ upper_half = true, ldr_flags = 1 }, "rom/hello")
	same(0x10001, note.started[1].ldr_flags, "upper_half: is a flag of the loader")
	same(0, task:wait(), "wait: gives the exit code")
	same(nil, task:state(), "wait: then the object is dropped")
end

-- Ends -----------------------------------------------------------------------------------------

do
	local L4, note, ned = fresh{ on_step = function() end }
	local task = L4.default_loader:start({}, "rom/hello")
	note.finish(1, "exit", 7)
	same("zombie", task:state(), "an ended program is a zombie")
	same(7, task:exit_code(), "with its exit code")
	local other = L4.default_loader:start({}, "rom/hello")
	local seen
	same(true, other:exit_handler(function(code) seen = code end), "exit_handler: is to come")
	note.finish(2, "exit", 3)
	ned.wait_event()
	same(nil, seen, "exit_handler: is not called while somebody waits")
	ned.call_exit_handlers()
	same(3, seen, "exit_handler: gets the exit code in the main loop")
	local third = L4.default_loader:start({}, "rom/hello")
	same("killed", third:kill(), "kill: says so")
	same(nil, third:kill(), "kill: a second time finds nothing")
	same(7, task:kill(), "kill: of one that has ended gives its code")
end

do
	local L4, note, ned = fresh{ on_step = function() end }
	local task = L4.default_loader:start({ restart = 2 }, "rom/hello")
	for id = 1, 2 do
		note.finish(id, "exit", id)
		ned.wait_event(1)
		same(id + 1, #note.started, "restart = 2: start " .. id + 1)
	end
	note.finish(3, "exit", 9)
	same("zombie", task:state(), "restart = 2: not a third time")
	same(9, task:exit_code(), "restart = 2: the last exit code counts")
	task = L4.default_loader:start({ restart = "on-fault" }, "rom/hello")
	io.stderr:setvbuf("full")
	note.finish(4, "fault", 11)
	ned.wait_event(1)
	same("running", task:state(), "on-fault: a fault starts it again")
	note.finish(5, "exit", 1)
	same("zombie", task:state(), "on-fault: an exit does not")
	task = L4.default_loader:start({ restart = "always" }, "rom/hello")
	note.finish(6, "exit", 0)
	ned.wait_event(1)
	same("running", task:state(), "always: an exit starts it again")
	task:kill()
	ned.wait_event(1)
	same(7, #note.started, "always: a killed program stays away")
end

do
	local starts, L4, ned = {}
	local options = { on_step = function() end }
	local core, note
	L4, note, ned, core = fresh(options)
	L4.default_loader:start({ restart = "always" }, "rom/hello")
	for id = 1, 8 do
		note.finish(id, "exit", 0)
		while #note.started == id do
			ned.wait_event()
		end
		starts[id] = core.clock()
	end
	ok(starts[3] < 1000, "restart: the first ones come at once")
	ok(starts[8] > 3000, "restart: a program that ends at once again and again has to wait")
end

do
	local L4, note, ned = fresh{ on_step = function() end }
	local mine = L4.Env.mem:create(L4.Proto.Dataspace, 100)
	L4.default_loader:start({ caps = { dir = { a = mine }, mine = mine }, restart = 1 }, "rom/hello")
	local config = note.started[1]
	note.finish(1, "exit", 0)
	ned.wait_event(1)
	same(nil, note.released[config.log], "a program that is started again keeps its log")
	note.finish(2, "exit", 0)
	ned.wait_event(1)
	ok(note.released[config.log] and note.released[config.file],
	   "log and file of a program are released when it has ended for good")
	same(nil, note.released[mine], "capabilities of the script are not")
	L4.default_loader:start({ log = mine, file = mine }, "hello")
	note.finish(3, "exit", 0)
	ned.wait_event(1)
	same(nil, note.released[mine], "nor a log and a file of the script")
end

-- Capabilities ---------------------------------------------------------------------------------

do
	local L4, _, _, core = fresh()
	same(7, L4.Env.log:mode(), "capabilities of L4.Env have rws")
	same(5, core.rights(L4.Env.log:m("w")), "m: exactly r and what is named")
	same(2, core.rights(L4.Env.log:m(2)), "m: a number as it is")
	same(0x27, core.rights(L4.Env.log:m("wsc")), "m: c is the server right")
	ok(tostring(L4.Env.log):find("^L4::Cap<"), "capabilities can be printed")
	ok(L4.cast("L4::Factory", L4.Env.log).create, "cast: by name gives the methods")
	ok(L4.cast(-15, function() return L4.Env.log end).create, "cast: by number, function called")
	same(nil, L4.cast("No::Such", L4.Env.log), "cast: to an unknown type is nil")
	same(nil, L4.Env.nothing, "absent names of L4.Env are nil")
	same(100, L4.Env.rom:query("hello")():size(), "query: a function that looks up")
	same(nil, L4.Env.rom:query("nothing")(), "query: nil if it is not there")
	same(100, L4.Env.mem:create(L4.Proto.Dataspace, 100) and 100, "create: an object")
end

do
	local L4 = fresh()
	local set = L4.Cpu_set:new{ "0-2", 64 }
	local a, b, c = set:factory_args()
	ok(a == 7 and b == 1 and c == nil, "Cpu_set: masks of 64 CPUs each")
	same("{ 0, 1, 2, 64 }", tostring(set), "Cpu_set: can be printed")
	same("{ all }", tostring(L4.Cpu_set:new()), "Cpu_set: without argument all")
	same("{ 2 }", tostring(set & L4.Cpu_set:new("2-5")), "Cpu_set: intersection")
	same("{ 2 }", tostring(L4.Cpu_set:new() & L4.Cpu_set:new(2)), "Cpu_set: with all")
	same("{ 2, 3 }", tostring(L4.Cpu_set:new(2) | L4.Cpu_set:new(3)), "Cpu_set: union")
	same(nil, (L4.Cpu_set:new():factory_args()), "Cpu_set: all CPUs need no mask")
end

do
	local L4, note = fresh()
	L4.default_loader:create_sched_proxy{ prio_offset = 5, cpus = L4.Cpu_set:new(1) }
	same("15 5 2", table.concat(note.created[1], " "), "scheduler proxy: limit, offset, mask")
	L4.Loader.new{ mem = L4.Env.mem, log_fab = L4.Env.sigma0 }:start({}, "rom/hello")
	same(L4.Env.sigma0, note.created[2].factory, "Loader: log_fab makes the logs")
end

do
	local asked, standing = {}, 0
	local L4 = fresh{ on_ask = function(protocol, what, argument)
		asked[#asked + 1] = what .. (argument or "")
		if what == 1 then
			return 0, 1, 2, 1, 4096, 0, 0, 0, 0, 3, 5000000, 77
		elseif what == 2 then
			standing = standing + argument -- vCPU 1 needs three looks, vCPU 0 is down
			return 0, argument + 1, standing > 2 and 1 or 0
		end
		return protocol == 0x5a58 and 0 or nil, -1
	end }
	local machine = L4.cast("Zwinger::GuestControl", L4.default_loader:new_channel())
	local info = machine:info()
	same("paused 2 4096 3 5000 77", table.concat({ info.state, info.vcpus, info.memory, info.starts,
	     info.uptime, info.console }, " "), "machine: what it tells of itself")
	asked = {}
	machine:pause()
	same("8 1 20 21 20 21 20 21", table.concat(asked, " "), "machine: a pause waits until all vCPUs stand")
	asked = {}
	machine:resume()
	machine:kill()
	machine:restart()
	machine:sysrq()
	machine:shutdown()
	machine:shutdown("reboot")
	machine:shutdown("halt")
	same("9 10 11 12 130 131 132", table.concat(asked, " "), "machine: what it is told")
	raises('L4.cast("Zwinger::GuestControl", L4.default_loader:new_channel()):shutdown("off")',
	       "test.cfg:1: shutdown: unknown end 'off' (poweroff, reboot, halt)", "machine: an end that there is not")
end

do
	local tries, starts_at = 0, 3
	fresh{ on_ask = function()
		tries = tries + 1
		if tries < starts_at then
			return nil, -2002
		end
		return 0
	end }
	local resume = 'L4.cast("Zwinger::GuestControl", L4.default_loader:new_channel()):resume()'
	same("no error", message(resume), "machine: a vmm that starts is waited for")
	tries, starts_at = 0, math.huge
	raises(resume, "test.cfg:1: runtime error: Not received in time (-2002): machine control: it does not answer",
	       "machine: without a vmm, not for ever")
	same(250, tries, "machine: but for 5 seconds")
end

do
	local said = {}
	fresh()
	local print_as_ever = print
	print = function(line) said[#said + 1] = line end
	local off = 'L4.cast("L4::Platform_control", L4.Env.icu):system_shutdown'
	message(off .. "()")
	message(off .. "(0, 3)")
	print = print_as_ever
	same("Ned: switched off with status 3", table.concat(said, " "), "shutdown: a status is written")
	for _, status in ipairs{ "-1", "256", "1.5", "'x'" } do
		raises(off .. "(0, " .. status .. ")", "test.cfg:1: system_shutdown: a status is a number from 0 to 255",
		       "shutdown: no status: " .. status)
	end
end

-- Mistakes -------------------------------------------------------------------------------------

fresh()
raises("L4.default_loader:start({}, 'rom/nothing')", "test.cfg:1: runtime error: No such entity (-2): " ..
       "cannot start rom/nothing: no such file", "a missing program is named, with its place")
raises("\nL4.default_loader:start({ cpas = {} }, 'rom/hello')", "test.cfg:2: start: unknown key 'cpas'",
       "an unknown key is named, with its line")
raises("L4.default_loader.start({}, 'rom/hello')", "call it with ':'", "a '.' for ':' is explained")
raises("L4.new_chanel()", "test.cfg:1: no such name: L4.new_chanel", "unknown names of L4 are errors")
raises("return L4.Proto.Logg", "no such name: L4.Proto.Logg", "unknown protocols are errors")
raises("L4.default_loader:start({ caps = { a = 5 } }, 'rom/hello')", "capability 'a' is a number",
       "a value that is no capability is named")
raises("L4.default_loader:start({ caps = { aaaaaaaaaaaaaaaaa = L4.Env.log } }, 'rom/hello')",
       "1 to 16 characters", "a name that is too long is named")
raises("L4.default_loader:start({ restart = 'never' }, 'rom/hello')", "restart must be",
       "a wrong restart is explained")
raises("L4.Env.log:m('q')", "unknown right 'q'", "an unknown right is named")
raises("L4.Env.mem:create('Log')", "protocol number", "create wants a number")
raises("L4.default_loader:start({}, '')", "command expected", "an empty command is an error")
raises("L4.Env.nothing:m('r')", "test.cfg:1", "an absent capability names script and line")
raises("\nlocal x = { caps = { net = L4.Env.nt } }",
       "test.cfg:2: ned has no capability L4.Env.nt, which is to be 'net'",
       "a capability that ned has not names the key, too")
raises("local caps = { [[]], --[[ { ]] net = L4.Env.nt, }", "L4.Env.nt, which is to be 'net'",
       "strings and comments are no code")
raises("L4.default_loader:create_namespace{ L4.Env.nt }", "no capability L4.Env.nt",
       "without a key there is none to name")
raises("local ready = true if ready then local caps = { net = L4.Env.nt } end", "L4.Env.nt",
       "an if on the same line does not hide it")
for _, script in ipairs{ "local caps = { net = L4.Env.nt or L4.Env.log }", "local x = L4.Env.nt",
			 "if L4.Env.nt then error() end", "local other = { net = L4.Env.nt }",
			 "return not L4.Env.nt and L4.Env.nt == nil" } do
	raises(script, "no error", "an absent name is nil: " .. script)
end
raises("L4.Env.rom:register('x', 'rom/none')", "no such name: rom/none", "register names the path")

fresh{ refuse = function(protocol) return protocol == -13 and -12 end }
raises("L4.default_loader:start({}, 'rom/hello')", "No memory (-12)", "a server's error is named")

fresh{ on_start = function() return -6, "not an ELF file", "rom/hello" end }
raises("L4.default_loader:start({}, 'rom/hello')",
       "(-6): cannot start rom/hello: not an ELF file: rom/hello", "the loader's error is passed on")

-- Prompt ---------------------------------------------------------------------------------------

do
	local _, _, ned = fresh()
	local shown = {}
	local prompt = ned.Prompt.new(function(text) table.insert(shown, text) end)
	local function answer(keys)
		shown = {}
		prompt:input(keys)
		return table.concat(shown)
	end
	same("1+2\n3\n(ned) ", answer("1+2\r"), "prompt: values are shown")
	same("1+3\b \b4\n5\n(ned) ", answer("1+3\1274\r"), "prompt: backspace")
	same("1+4\n5\n(ned) ", answer("\27[A\r"), "prompt: the line before")
	ok(answer("do\r"):find("%.%."), "prompt: an unfinished statement goes on")
	same("end\n(ned) ", answer("end\r"), "prompt: until it is complete")
	ok(answer("x.y.z\r"):find("error: "), "prompt: errors are shown")
	ok(answer("abc\3"):find("abc^C", 1, true) == 1, "prompt: Ctrl-C drops the line")
	same("7\n7\n(ned) ", answer("7\r"), "prompt: and the next one is fresh")
end

print("1.." .. count)
