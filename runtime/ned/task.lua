-- SPDX-License-Identifier: MIT
-- Programs that were started: their state, their end, and starting them again.
local core, ned = ...

local SIGNALS = { [4] = "illegal instruction", [5] = "trap", [7] = "bus error",
		  [8] = "arithmetic exception", [11] = "invalid memory access" }
local SIGNAL_CODE = 128		-- a program that faulted has exit code 128 + signal, as in a shell
local QUICK, PAUSE = 1000, 1000 -- ms: one that ends sooner is started again after a pause
local QUICK_ENDS = 3		-- so many quick ends without a pause

local Task = ned.Class{}
local running = {}	  -- tasks by number of their program
local waiting_restart = {} -- tasks that are to be started again, with `due`
local count, next_order = 0, 0

-- start: function that starts the program and returns its number. own: references that are released
-- when it has ended: else its log, for example, would seem to be in use until garbage is collected.
-- ends: channels that are deleted then, so that clients of a server that is not started any more get
-- an error.
function Task:init(name, start, restart, own, ends)
	next_order = next_order + 1
	self.order, self.name, self.start_again = next_order, name, start
	self.restart, self.quick_ends, self.own, self.ends = restart, 0, own, ends
	self.phase = "initializing"
	count = count + 1
	self:launch()
end

function Task:launch()
	local ok, id = pcall(self.start_again)
	if not ok then
		self:finish(nil)
		error(id, 0)
	end
	self.id, self.since = id, core.clock()
	running[id] = self
	self.phase = "running"
end

-- The program has ended for good. code = nil: killed.
function Task:finish(code)
	local has_run = self.phase ~= "initializing"
	self.id = nil
	self.phase, self.code = "zombie", code
	count = count - 1
	self.start_again = nil
	for _, cap in ipairs(self.own or {}) do
		core.release(cap)
	end
	for _, cap in ipairs(has_run and self.ends or {}) do
		core.delete(cap)
	end
end

local function wants_restart(task, how)
	local r = task.restart
	if how == "killed" or task.stopped then
		return false
	elseif math.type(r) == "integer" then
		task.restart = r - 1
		return r > 0
	end
	return r == "always" or (r == "on-fault" and how == "fault")
end

local function schedule_restart(task)
	local now = core.clock()
	task.quick_ends = now - task.since < QUICK and task.quick_ends + 1 or 0
	task.due = task.quick_ends > QUICK_ENDS and now + PAUSE or now
	task.id = nil
	waiting_restart[task] = true
end

local function report_fault(task, signal, ip, address)
	io.stderr:write(string.format("Ned: %s: %s (signal %d) at ip=0x%x, address 0x%x\n", task.name,
				      SIGNALS[signal] or "exception", signal, ip, address))
end

local function ended(id, how, code, ip, address)
	local task = running[id]
	running[id] = nil
	if not task then
		return
	end
	if how == "fault" then
		report_fault(task, code, ip, address)
		code = SIGNAL_CODE + code
	elseif how == "killed" then
		code = nil
	end
	if wants_restart(task, how) then
		schedule_restart(task)
	else
		task:finish(code)
	end
end

local function restart_due()
	local now = core.clock()
	for task in pairs(waiting_restart) do
		if task.due <= now then
			waiting_restart[task] = nil
			local ok, message = pcall(task.launch, task)
			if not ok then
				io.stderr:write("Ned: restart of " .. task.name .. ": " ..
						tostring(message) .. "\n")
			end
		end
	end
end

-- Take notice of what has ended.
local function update()
	local event = table.pack(core.ended())
	while event[1] do
		ended(table.unpack(event, 1, event.n))
		event = table.pack(core.ended())
	end
	restart_due()
end

-- Time until something is to be done, ms; nil: nothing.
local function next_due()
	local first
	for task in pairs(waiting_restart) do
		first = math.min(first or task.due, task.due)
	end
	return first and math.max(0, first - core.clock())
end

-- Wait for something to happen, at most ms (nil: for ever).
function ned.wait_event(ms)
	local due = next_due()
	if due and (not ms or due < ms) then
		ms = due
	end
	core.step(ms)
	update()
end

-- Wait for so long, while children are heard.
function ned.sleep(ms)
	local till = core.clock() + ms
	while core.clock() < till do
		ned.wait_event(till - core.clock())
	end
end

function ned.tasks_left()
	return count
end

-- Handlers are called from the main loop.
local handlers = {}

function ned.call_exit_handlers()
	for task, handler in pairs(handlers) do
		if task.phase == "zombie" or task.phase == "gone" then
			handlers[task] = nil
			handler(task.code)
		end
	end
end

-- For scripts ----------------------------------------------------------------------------------

-- "initializing" | "running" | "zombie" | nil after wait() or kill().
function Task:state()
	core.step(0)
	update()
	return self.phase ~= "gone" and self.phase or nil
end

function Task:exit_code()
	self:state()
	return self.code
end

-- Wait for the end (of a program that is started again: for its last); its exit code.
function Task:wait()
	while self.phase == "running" do
		ned.wait_event()
	end
	self.phase = "gone"
	return self.code
end

function Task:kill()
	self:state()
	if self.phase == "zombie" then
		self.phase = "gone"
		return self.code
	elseif self.phase ~= "running" then
		return nil
	end
	self.stopped = true
	if waiting_restart[self] then
		waiting_restart[self] = nil
		self:finish(nil)
	else
		core.kill(self.id)
		update()
	end
	self.phase = "gone"
	return "killed"
end

-- Call the function once with the exit code. True if that is to come, false if it was done now.
function Task:exit_handler(handler)
	if self.has_handler then
		ned.wrong("exit_handler: %s has a handler already", self.name)
	end
	self.has_handler = true
	if self:state() ~= "running" then
		handler(self.code)
		return false
	end
	handlers[self] = handler
	return true
end

function Task:__tostring()
	return string.format("L4::Task<%s> %s", self.name, self.phase)
end

function Task.__eq(a, b)
	return a.order == b.order
end

function Task.__lt(a, b)
	return a.order < b.order
end

function Task.__le(a, b)
	return a.order <= b.order
end

ned.Task = Task
