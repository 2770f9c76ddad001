-- Tells replies in the words of the published REST contracts: the statuses 201, 202 and 204, bare
-- arrays, and whatever went wrong, be it a service's error or Envoy's own, in the caller's dialect.
-- Native gRPC and gRPC-Web pass untouched. The hints are route metadata that generate.py writes; it
-- also puts DIALECT_BELOW, json.lua, errors.lua and dialects.lua before this file.

---------------------------------------------------------------- failures

-- Of a path that no route was looked for.
local function dialect_of(path)
  for _, below in ipairs(DIALECT_BELOW) do
    local prefix, dialect = unpack(below)
    if path:sub(1, #prefix) == prefix and path:sub(#prefix + 1):find("^[/?]") then
      return dialect
    end
  end
  return "ILERT"
end

local function fail(handle, status)
  local metadata, request, headers = handle:metadata(), handle:requestHeaders(), handle:headers()
  local hints = { fields = metadata:get("fields"), body = metadata:get("body") }
  local told = { retry_after = headers:get("retry-after"), limit = headers:get("x-ratelimit-limit") }
  local request_id = request and request:get("x-request-id") or ""
  local tell = DIALECTS[metadata:get("dialect") or dialect_of(request and request:get(":path") or "")]
  local body = handle:body(true) -- yields: headers taken before are dead afterwards
  local error = explain(status, decode(body:getBytes(0, body:length())), told, hints)
  error.request_id = request_id
  local length = body:setBytes(tell(error))
  headers = handle:headers()
  headers:replace(":status", tostring(error.status))
  headers:replace("content-type", "application/json")
  headers:replace("content-length", tostring(length))
  if error.retry_after then
    headers:replace("retry-after", tostring(error.retry_after))
  end
end

---------------------------------------------------------------- successes

-- {"alerts":[...]} to [...], and {} to [].
local function unwrapped(text)
  local start = text:find("[", 1, true)
  return start and text:sub(start, -2) or "[]"
end

local OWN = "envoy.filters.http.lua"

-- Remembers which fields a request's `include` names: its reply comes without the query.
local function note_included(handle, path)
  local words = {}
  for name, word in (path:match("%?(.*)") or ""):gmatch("([^&=]+)=([^&]+)") do
    if name == "include" and word:find("^%a+$") then
      words[word] = true
    end
  end
  if next(words) then
    handle:streamInfo():dynamicMetadata():set(OWN, "included", words)
  end
end

local function unescaped(text)
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- Takes `token` out of a path: a credential belongs in none, and services have it in a header by
-- now. Envoy's own way to do so would leave the other parameters unescaped, `+` and `&` too.
local function drop_token(headers)
  local plain, query = headers:get(":path"):match("^([^?]*)%?(.*)$")
  local kept, found = {}, false
  for part in (query or ""):gmatch("[^&]+") do
    if unescaped(part:match("^[^=]*")) == "token" then
      found = true
    else
      kept[#kept + 1] = part
    end
  end
  if found then
    headers:replace(":path", #kept > 0 and plain .. "?" .. table.concat(kept, "&") or plain)
  end
end

local function without(text, names)
  for _, name in ipairs(names) do
    for _, empty in ipairs({ "%[%]", "{}" }) do
      local member = '"' .. name .. '":' .. empty
      text = text:gsub("," .. member, ""):gsub(member .. ",?", "")
    end
  end
  return text
end

-- Leaves out what is printed though it is empty and was not asked for. Quotes in strings are
-- escaped, so nothing in them looks like a member; custom details are the caller's own JSON.
local function trimmed(text, names)
  local kept, from = {}, 1
  while true do
    local at, brace = text:find('"customDetails":{', from, true)
    kept[#kept + 1] = without(text:sub(from, brace and brace - 1 or -1), names)
    if not at then
      return table.concat(kept)
    end
    local _, after = read(text, brace)
    kept[#kept + 1] = text:sub(brace, after - 1)
    from = after
  end
end

local function reshape(handle, unwrap, names)
  local body = handle:body(true)
  local text = body:getBytes(0, body:length())
  text = unwrap and unwrapped(text) or text
  local length = body:setBytes(#names > 0 and trimmed(text, names) or text)
  handle:headers():replace("content-length", tostring(length))
end

-- A body after 204 would be read as the next reply of the connection.
local function empty(handle)
  handle:body(true):setBytes("")
  handle:headers():remove("content-length")
  handle:headers():remove("content-type")
end

-- What of a reply is left out while it is empty.
local function not_asked_for(handle, hints)
  local names, known = {}, handle:streamInfo():dynamicMetadata():get(OWN)
  local asked = known and known["included"] or {}
  for _, name in ipairs(hints:get("only_included") or {}) do
    if not asked[name] then
      names[#names + 1] = name
    end
  end
  return names
end

local function succeed(handle, headers)
  local hints = handle:metadata()
  local success = hints:get("success")
  local names = not_asked_for(handle, hints)
  if success then
    headers:replace(":status", string.format("%d", success))
  end
  if success == 204 then
    empty(handle)
  elseif hints:get("unwrap") or #names > 0 then
    reshape(handle, hints:get("unwrap"), names)
  elseif hints:get("empty_is_no_content") and handle:body(true):length() == 2 then -- {}
    handle:headers():replace(":status", "204")
    empty(handle)
  end
end

---------------------------------------------------------------- hooks

local MOST_BODY_BYTES = 524288
local HIDDEN = { "grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding", "grpc-status-details-bin" }

local function has_prefix(text, prefix)
  return text ~= nil and text:sub(1, #prefix) == prefix
end

local function has_body(handle, headers)
  local length = headers:get("content-length")
  if length then
    return tonumber(length) ~= 0
  end
  local body = handle:body() -- no length is said: see what comes
  return body ~= nil and body:length() > 0
end

local function is_head(request)
  return request ~= nil and (request:get("x-envoy-original-method") or request:get(":method")) == "HEAD"
end

-- gRPC has no such names or values, or would take the headers for its own: the call would fail.
local function is_foreign(name, value)
  return name:find("[^%w_.-]") or value:find("[^ -~]") or has_prefix(name, "grpc-") or name:sub(-4) == "-bin"
end

local function drop_foreign_headers(headers)
  local found = {} -- a header map does not change while it is walked
  for name, value in pairs(headers) do
    if not has_prefix(name, ":") and is_foreign(name, value) then
      found[#found + 1] = name
    end
  end
  for _, name in ipairs(found) do
    headers:remove(name)
  end
end

-- Clients that cannot leave a word out say "" instead, and some say times without a zone: the
-- transcoder would refuse both. Inside of a string the name would stand between \" and not begin
-- an object's member.
local WALL_TIME = '"%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:?%d*"'

local function mend(handle, words, wall_times)
  local body = handle:body() -- yields: headers taken before are dead afterwards
  local text = body and body:getBytes(0, body:length()) or ""
  local told = text
  for _, name in ipairs(words) do
    told = told:gsub('([{,%s]"' .. name .. '"%s*:%s*)""', "%1null")
  end
  for name, wall in pairs(wall_times) do
    told = told:gsub('([{,%s]")' .. name .. '("%s*:%s*' .. WALL_TIME .. ")", "%1" .. wall .. "%2")
  end
  if told == text then
    return
  end
  local length = body:setBytes(told)
  local headers = handle:headers()
  if headers:get("content-length") then
    headers:replace("content-length", tostring(length))
  end
end

function envoy_on_request(handle)
  if not handle:metadata():get("rest") then
    return
  end
  local headers = handle:headers()
  drop_foreign_headers(headers)
  drop_token(headers)
  note_included(handle, headers:get(":path"))
  local media_type = (headers:get("content-type") or ""):match("^%s*([^;%s]*)"):lower()
  if media_type ~= "" and media_type ~= "application/json" then
    local taken = handle:metadata():get("any_media_type") or not has_body(handle, headers)
    -- The transcoder would pass a gRPC type on to the service, which has no such path.
    if has_prefix(media_type, "application/grpc") or not taken then
      handle:respond({ [":status"] = "415" }, "")
      return
    end
  end
  -- The transcoder has the same limit, but may find another fault in the first part of the body.
  local length = tonumber(headers:get("content-length") or "")
  if length and length > MOST_BODY_BYTES then
    handle:respond({ [":status"] = "413" }, "")
    return
  end
  local words, wall_times = handle:metadata():get("words"), handle:metadata():get("wall_times")
  if words or wall_times then
    mend(handle, words or {}, wall_times or {})
  end
end

function envoy_on_response(handle)
  local headers, request = handle:headers(), handle:requestHeaders()
  local transcoded = request ~= nil and request:get("x-envoy-original-method") ~= nil
  if has_prefix(headers:get("content-type"), "application/grpc") and not transcoded then
    return
  end
  for _, name in ipairs(HIDDEN) do
    headers:remove(name)
  end
  local status = tonumber(headers:get(":status"))
  if status >= 400 and is_head(request) then
    headers:remove("content-length") -- a body would be read as the next reply of the connection
  elseif status >= 400 then
    fail(handle, status)
  elseif transcoded then
    succeed(handle, headers)
  end
end
