-- SPDX-License-Identifier: MIT
-- The interactive prompt: a line editor without a terminal library, and its evaluation.
local core, ned = ...

local Prompt = {}
Prompt.__index = Prompt

local HISTORY = 32

-- write: function for output.
function Prompt.new(write)
	return setmetatable({ write = write, line = "", pending = "", escape = nil, history = {},
			      at = 1 }, Prompt)
end

function Prompt:prompt()
	self.write(self.pending == "" and "(ned) " or "   .. ")
end

local function shown(values)
	local words = {}
	for i = 2, values.n do
		words[#words + 1] = tostring(values[i])
	end
	return table.concat(words, "\t")
end

-- A line that is the beginning of a statement waits for the rest.
local function compile(text)
	local chunk = load("return " .. text, "=prompt")
	if chunk then
		return chunk
	end
	local message
	chunk, message = load(text, "=prompt")
	return chunk, message, message and message:find("<eof>", 1, true) ~= nil
end

function Prompt:evaluate(line)
	local text = self.pending .. line
	local chunk, message, unfinished = compile(text)
	if unfinished and line ~= "" then
		self.pending = text .. "\n"
		return
	end
	self.pending = ""
	if not chunk then
		self.write("error: " .. message .. "\n")
		return
	end
	local values = table.pack(pcall(chunk))
	if not values[1] then
		self.write("error: " .. tostring(values[2]) .. "\n")
	elseif values.n > 1 then
		self.write(shown(values) .. "\n")
	end
end

function Prompt:replace(line)
	self.write(("\b \b"):rep(#self.line) .. line)
	self.line = line
end

-- Go through the lines typed before: -1 back, 1 forth.
function Prompt:recall(step)
	local at = self.at + step
	if at >= 1 and at <= #self.history + 1 then
		self.at = at
		self:replace(self.history[at] or "")
	end
end

function Prompt:enter()
	local line = self.line
	self.write("\n")
	self.line = ""
	if line:find("%S") then
		table.insert(self.history, line)
		if #self.history > HISTORY then
			table.remove(self.history, 1)
		end
	end
	self.at = #self.history + 1
	self:evaluate(line)
	self:prompt()
end

local keys = {
	["\r"] = Prompt.enter,
	["\n"] = Prompt.enter,
	["\b"] = function(p) -- one character less
		if #p.line > 0 then
			p.line = p.line:sub(1, -2)
			p.write("\b \b")
		end
	end,
	["\21"] = function(p) p:replace("") end, -- Ctrl-U
	["\3"] = function(p)			 -- Ctrl-C
		p.write("^C\n")
		p.line, p.pending = "", ""
		p:prompt()
	end,
	["\16"] = function(p) p:recall(-1) end, -- Ctrl-P
	["\14"] = function(p) p:recall(1) end,	-- Ctrl-N
}
keys["\127"] = keys["\b"]

local escapes = { ["[A"] = -1, ["[B"] = 1, ["OA"] = -1, ["OB"] = 1 }

-- Sequences of a terminal's keys: the arrows up and down, others are dropped.
function Prompt:in_escape(byte)
	self.escape = self.escape .. byte
	if #self.escape > 1 and byte:find("[%a~]") then
		local step = escapes[self.escape]
		self.escape = nil
		if step then
			self:recall(step)
		end
	end
end

function Prompt:type(byte)
	if self.escape then
		self:in_escape(byte)
	elseif byte == "\27" then
		self.escape = ""
	elseif keys[byte] then
		keys[byte](self)
	elseif byte >= " " then
		self.line = self.line .. byte
		self.write(byte)
	end
end

function Prompt:input(text)
	for byte in text:gmatch(".") do
		self:type(byte)
	end
end

ned.Prompt = Prompt
