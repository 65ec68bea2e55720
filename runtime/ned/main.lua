-- SPDX-License-Identifier: MIT
-- ned itself: options, the script, and the wait for children.
local core, ned = ...

local USAGE = "usage: ned [--exit | --wait-and-exit] [-i | --interactive] [-e STATEMENT]... " ..
	      "[SCRIPT [ARGUMENT...]]"

local options = { statements = {} }

local function fatal(message)
	io.stderr:write("Ned: FATAL: " .. message .. "\n")
	ned.status = 1
end

-- Flags, with the value for options.
local flags = {
	["--exit"] = function() options.exit = true end,
	["--wait-and-exit"] = function() options.wait = true end,
	["--interactive"] = function() options.interactive = true end,
}
flags["-i"] = flags["--interactive"]

-- Index of the script in the arguments, or nil and what is wrong.
local function read_options(words)
	local i = 1
	while words[i] and words[i]:sub(1, 1) == "-" do
		local word = words[i]
		local statement = word:match("^%-%-execute=(.*)$")
		if word == "-e" or word == "--execute" then
			i = i + 1
			statement = words[i]
		end
		if statement then
			table.insert(options.statements, statement)
		elseif flags[word] then
			flags[word]()
		else
			return nil, "unknown option " .. word .. "\n" .. USAGE
		end
		i = i + 1
	end
	return i
end

local function message_of(problem)
	return type(problem) == "table" and problem.msg or tostring(problem)
end

-- Errors of ned's own functions have their place already.
local function report(problem)
	io.stderr:write("lua error: " .. message_of(problem) .. ".\n")
	ned.status = 1
end

-- Lua's own errors get the lines of the script that led to them.
local function with_trace(problem)
	if type(problem) == "table" then
		return problem
	end
	local lines = {}
	for line in debug.traceback("", 2):gmatch("[^\n]+") do
		if line:find(":%d+: in") and not line:find("ned/", 1, true) then
			lines[#lines + 1] = "\n  " .. line:gsub("^%s+", "")
		end
	end
	return tostring(problem) .. (#lines > 1 and table.concat(lines) or "")
end

local function run(chunk, problem, ...)
	if not chunk then
		return report(problem)
	end
	local done, message = xpcall(chunk, with_trace, ...)
	if not done then
		report(message)
	end
	return done
end

local function run_script(words, at)
	local path = words[at]
	print("Ned: loading file: '" .. path .. "'")
	arg = {}
	for i = at, #words do
		arg[i - at] = words[i]
	end
	local file, message = io.open(path, "rb")
	if not file then
		return report("cannot open " .. message)
	end
	local text = file:read("a")
	file:close()
	ned.note_source(path, text)
	return run(load(text, "@" .. path), select(2, load(text, "@" .. path)),
		   table.unpack(words, at + 1))
end

-- Input of the console, if the prompt is wanted and there is any.
local function open_prompt()
	local console = ned.Env.log
	if not console then
		return nil
	end
	local done, code = core.console_open(console)
	if not done then
		io.stderr:write("Ned: no input from the console: " .. ned.error_text(code) .. "\n")
		return nil
	end
	local prompt = ned.Prompt.new(function(text) core.write(console, text) end)
	prompt:prompt()
	return function()
		local text = core.console_read(console)
		while text and #text > 0 do
			prompt:input(text)
			text = core.console_read(console)
		end
	end
end

local function main_loop(read_console)
	while not (options.wait and ned.tasks_left() == 0) do
		if read_console then
			read_console()
		end
		ned.wait_event()
		ned.call_exit_handlers()
	end
end

local function main(words)
	ned.status = 0
	print("Ned says: Hi World!")
	local at, problem = read_options(words)
	if not at then
		return fatal(problem)
	end
	for _, statement in ipairs(options.statements) do
		run(load(statement, "=(command line)"))
	end
	if words[at] then
		run_script(words, at)
	end
	local interactive = options.interactive or
			    not words[at] and #options.statements == 0
	if not options.exit then
		main_loop(interactive and open_prompt())
	end
end

main(ned.arguments)
