-- SPDX-License-Identifier: MIT
-- Absent names. Lua itself makes nothing of them: { net = L4.Env.nt } is an empty table. So when a
-- name is looked up that is not there, the line of the script is read: is it asked whether the name
-- is there, or is it to be a capability of a program?
local core, ned = ...

local texts = {} -- of scripts, by their names in messages

function ned.note_source(name, text)
	texts[name] = text
end

local function text_of(name)
	local file = not texts[name] and io.open(name, "rb")
	if not file then
		return texts[name] or ""
	end
	local text = file:read("a")
	file:close()
	return text
end

-- Tokens ---------------------------------------------------------------------------------------

-- The end of a long string or comment that begins at `at` with [[ or [=[; nil: there is none.
local function long_end(text, at)
	local level = text:match("^%[(=*)%[", at)
	return level and (select(2, text:find("]" .. level .. "]", at, true)) or #text)
end

local function string_end(text, at)
	local quote = text:sub(at, at)
	local i = at + 1
	while i <= #text and text:sub(i, i) ~= quote do
		i = i + (text:sub(i, i) == "\\" and 2 or 1)
	end
	return i
end

-- The last byte of what begins at `at`, and whether it is a token.
local function token_end(text, at)
	if text:find("^%s", at) then
		return select(2, text:find("^%s+", at)), false
	elseif text:find("^%-%-", at) then
		return long_end(text, at + 2) or (text:find("\n", at, true) or #text + 1) - 1, false
	elseif long_end(text, at) then
		return long_end(text, at), true
	elseif text:find("^[\"']", at) then
		return string_end(text, at), true
	end
	return select(2, text:find("^[%w_]+", at)) or select(2, text:find("^[=~<>]=", at)) or at, true
end

local function tokens_of(text)
	local tokens, at, line = {}, 1, 1
	while at <= #text do
		local last, counts = token_end(text, at)
		local word = text:sub(at, last)
		if counts then
			tokens[#tokens + 1] = { word = word, line = line }
		end
		line = line + select(2, word:gsub("\n", ""))
		at = last + 1
	end
	return tokens
end

-- Uses -----------------------------------------------------------------------------------------

local OPEN, CLOSE = { ["("] = true, ["{"] = true, ["["] = true }, { [")"] = true, ["}"] = true, ["]"] = true }
local ASKS_BEFORE = { ["not"] = true, ["if"] = true, ["elseif"] = true, ["while"] = true,
		      ["=="] = true, ["~="] = true }
local ASKS_BEHIND = { ["or"] = true, ["and"] = true, ["then"] = true, ["=="] = true, ["~="] = true }
local ENDS_FIELD = { [","] = true, [";"] = true, ["}"] = true }
local BEGINS_FIELD = { [","] = true, [";"] = true, ["{"] = true, ["="] = true }
local TAKES_CAPS = { start = true, startv = true, create_namespace = true, fill_namespace = true,
		     new = true }

local function word_at(tokens, i)
	return tokens[i] and tokens[i].word or ""
end

-- The name in front of a bracket: of the function that is called, or of the field or variable.
local function name_before(tokens, i)
	local before = i - 1
	if word_at(tokens, before) == "=" or word_at(tokens, before) == "(" then
		before = before - 1
	end
	return word_at(tokens, before)
end

local function holds_caps(brackets)
	for _, name in ipairs(brackets) do
		if TAKES_CAPS[name] or name:lower():find("caps", 1, true) then
			return true
		end
	end
	return false
end

-- Token i is the name; brackets: the names in front of those that are open around it.
local function use_at(tokens, i, brackets)
	local first = i
	while word_at(tokens, first - 1) == "." do
		first = first - 2
	end
	local before, behind = word_at(tokens, first - 1), word_at(tokens, i + 1)
	if ASKS_BEFORE[before] or ASKS_BEHIND[behind] then
		return "asked"
	end
	if BEGINS_FIELD[before] and ENDS_FIELD[behind] and holds_caps(brackets) then
		return "capability", before == "=" and word_at(tokens, first - 2) or nil
	end
	return "value"
end

-- How the script uses a name in a line: "capability" with the field's name, "value", "asked", or nil
-- if it is not there. The first that is not "asked" counts.
function ned.use_of(script, line, name)
	local tokens, brackets, found = tokens_of(text_of(script)), {}, nil
	for i, token in ipairs(tokens) do
		if OPEN[token.word] then
			brackets[#brackets + 1] = name_before(tokens, i)
		elseif CLOSE[token.word] then
			brackets[#brackets] = nil
		elseif token.line == line and token.word == name and word_at(tokens, i + 1) ~= "=" then
			local use, field = use_at(tokens, i, brackets)
			if use ~= "asked" then
				return use, field
			end
			found = use
		end
	end
	return found
end

-- Called with the place, the name, how it is used, and the table; true: the error is not raised.
function ned.on_absent()
	return false
end

-- Give the table of ned's capabilities its answer for absent names: nil, or an error.
function ned.watch_env(env)
	return setmetatable(env, { __index = function(_, name)
		local where = core.where()
		local script, line = where:match("^(.*):(%d+): $")
		local use, field = nil, nil
		if script and type(name) == "string" then
			use, field = ned.use_of(script, tonumber(line), name)
		end
		if not ned.on_absent(where, name, use, env) and use == "capability" then
			ned.wrong("ned has no capability L4.Env.%s%s", name,
				  field and ", which is to be '" .. field .. "'" or "")
		end
		return nil
	end })
end
