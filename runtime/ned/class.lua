-- SPDX-License-Identifier: MIT
-- Errors with their place, and the classes that give capabilities their methods.
local core, ned = ...

-- Errors ---------------------------------------------------------------------------------------

local texts = {
	[1] = "No permission", [2] = "No such entity", [5] = "I/O error", [6] = "No such thing",
	[7] = "Argument list too long", [11] = "Try again", [12] = "No memory",
	[13] = "Permission denied", [14] = "Invalid memory address", [16] = "Object in use",
	[17] = "Already exists", [19] = "No such thing", [20] = "No directory",
	[22] = "Invalid argument", [28] = "No space left", [34] = "Range error",
	[36] = "Name too long", [38] = "Not supported", [39] = "Unsupported protocol",
	[99] = "Address not available", [1000] = "No reply", [1001] = "Message too short",
	[1002] = "Message too long", [1003] = "Message with missing argument",
	[1004] = "Result out of range", [2002] = "Not received in time",
	[2004] = "Capability is empty or its object is gone",
}

local Error = {}
Error.__index = Error

function Error:__tostring()
	return self.msg
end

function ned.error_text(code)
	return texts[-code] or "Error"
end

-- Raise an error of a request: what was tried, and the negative code. It names the place in the
-- script, however deep in ned it was found.
function ned.fail(code, what)
	local msg = string.format("%sruntime error: %s (%d): %s", core.where(), ned.error_text(code),
				  code, what)
	error(setmetatable({ msg = msg, code = code }, Error), 0)
end

-- Raise an error of the script itself.
function ned.wrong(format, ...)
	error(setmetatable({ msg = core.where() .. string.format(format, ...), code = -22 }, Error), 0)
end

-- Similar names --------------------------------------------------------------------------------

-- Number of letters to be changed, added, left out, or swapped with their neighbour.
local function distance(a, b)
	local above, rows = {}, nil
	for j = 0, #b do
		above[j] = j
	end
	for i = 1, #a do
		local row = { [0] = i }
		for j = 1, #b do
			local same = a:byte(i) == b:byte(j)
			row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same and 0 or 1))
			if rows and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
				row[j] = math.min(row[j], rows[j - 2] + 1)
			end
		end
		rows, above = above, row
	end
	return above[#b]
end

-- A question for the name of the list that was perhaps meant; "" if none is similar.
function ned.like(name, names)
	local best, least = nil, math.max(1, #name // 3) + 1
	for _, candidate in ipairs(names) do
		local far = distance(name:lower(), candidate:lower())
		if far < least then
			best, least = candidate, far
		end
	end
	return best and string.format(" (is '%s' meant?)", best) or ""
end

-- Classes --------------------------------------------------------------------------------------

-- By protocol number and by name: "L4::Factory", and as the meta protocol has it "N2L47FactoryE".
local classes = {}

local function mangled(name)
	local parts = {}
	for part in name:gmatch("[^:]+") do
		parts[#parts + 1] = #part .. part
	end
	return #parts > 1 and "N" .. table.concat(parts) .. "E" or parts[1]
end

-- The C++ name of a type name of the meta protocol, for people.
local function readable(name)
	local parts = {}
	local rest = name:match("^N(.*)E$") or name
	while #rest > 0 do
		local digits = rest:match("^%d+")
		if not digits then
			return name
		end
		local last = #digits + tonumber(digits)
		parts[#parts + 1] = rest:sub(#digits + 1, last)
		rest = rest:sub(last + 1)
	end
	return table.concat(parts, "::")
end

function ned.class(name, protocol)
	local class = { __name = name, __protocol = protocol }
	classes[name] = class
	classes[mangled(name)] = class
	if protocol then
		classes[protocol] = class
	end
	return class
end

-- The method table of a type: protocol number or name; nil if unknown.
function ned.get_cap_class(id)
	return classes[id]
end

-- Ask an object for its types, the most derived first. Blocks until a server has its gate.
local function ask(cap)
	local types = { name = nil }
	for i = 0, 31 do
		local protocol, name = core.interface(cap, i)
		if not protocol then
			break
		end
		types.name = types.name or readable(name)
		types[#types + 1] = classes[name] or classes[protocol]
	end
	return types
end

-- The classes of a capability; the answer is kept with it. Objects of the kernel do not tell their
-- types: those that everybody knows by name have them in data.otherwise.
function ned.types_of(cap)
	local data = core.data(cap)
	if not data.types then
		local types = ask(cap)
		if not types.name then
			return data.otherwise or types -- no answer yet: ask again next time
		end
		data.types = types
	end
	return data.types
end

-- A reference with another type. Type: number or name; the capability may be a function.
function ned.cast(...)
	if select("#", ...) > 2 then
		ned.wrong("L4.cast: too many arguments")
	end
	local id, cap = ...
	while type(cap) == "function" do
		cap = cap()
	end
	if not core.is_cap(cap) then
		ned.wrong("L4.cast: capability expected, not %s", type(cap))
	end
	local class = classes[id]
	if not class then
		return nil
	end
	return core.copy(cap, core.rights(cap), { types = { name = class.__name, class } })
end

-- Plain classes for Lua objects: L4.Class{...} makes one with new(), which calls init().
function ned.Class(class, parent)
	class = class or {}
	class.__index = class
	if parent then
		setmetatable(class, { __index = parent })
	end
	function class:new(...)
		local object = setmetatable({}, self)
		if object.init then
			object:init(...)
		end
		return object
	end
	return class
end
