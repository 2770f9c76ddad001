-- Reads the JSON in which errors arrive. Strings stay as they are escaped: they are only compared,
-- cut and written into JSON again.

local read

local function read_string(text, at)
  local stop = at + 1
  while true do
    stop = text:find('["\\]', stop)
    if text:byte(stop) == 34 then
      return text:sub(at + 1, stop - 1), stop + 1
    end
    stop = stop + 2
  end
end

local function read_members(text, at, closing, add)
  at = text:match("^%s*()", at + 1)
  if text:sub(at, at) == closing then
    return at + 1
  end
  while true do
    local separator
    at = add(at)
    separator, at = text:match("^%s*([,%]}])%s*()", at)
    if separator == closing then
      return at
    end
    assert(separator == ",")
  end
end

local function read_object(text, at)
  local object = {}
  return object, read_members(text, at, "}", function(from)
    local key, value
    key, from = read_string(text, from)
    value, from = read(text, text:match("^%s*:%s*()", from))
    object[key] = value
    return from
  end)
end

local function read_array(text, at)
  local array = {}
  return array, read_members(text, at, "]", function(from)
    array[#array + 1], from = read(text, from)
    return from
  end)
end

function read(text, at)
  local first = text:sub(at, at)
  if first == "{" then
    return read_object(text, at)
  elseif first == "[" then
    return read_array(text, at)
  elseif first == '"' then
    return read_string(text, at)
  end
  return text:match("^([%w.+-]+)()", at) -- a number or a word: nothing here asks which
end

-- The JSON object that the text is, or an empty one.
local function decode(text)
  local ok, document = pcall(read, text, text:match("^%s*()"))
  return ok and type(document) == "table" and document or {}
end
