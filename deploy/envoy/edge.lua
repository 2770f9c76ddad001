-- Tells replies in the words of the published REST contract: the statuses 201, 202 and 204, bare
-- arrays, and one error body for whatever went wrong, be it a service's or Envoy's own:
--   {"status": 404, "message": "...", "code": "NOT_FOUND"}
-- Native gRPC and gRPC-Web pass untouched. The hints are route metadata that generate.py writes.

---------------------------------------------------------------- reading JSON
-- Strings stay as they are escaped: they are only compared, cut and written into JSON again.

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

---------------------------------------------------------------- errors

local KNOWN = {
  [400] = { "BAD_REQUEST", "The request is malformed" },
  [401] = { "UNAUTHORIZED", "A credential is missing" },
  [403] = { "FORBIDDEN", "Not allowed" },
  [404] = { "NOT_FOUND", "Not found" },
  [405] = { "METHOD_NOT_ALLOWED", "The path does not have this method" },
  [408] = { "REQUEST_TIMEOUT", "The request took too long to arrive" },
  [409] = { "CONFLICT", "In conflict with what there is" },
  [413] = { "PAYLOAD_TOO_LARGE", "The body is larger than 512 KiB" },
  [415] = { "UNSUPPORTED_MEDIA_TYPE", "The body must have the content type application/json" },
  [422] = { "UNPROCESSABLE", "The request cannot be processed" },
  [429] = { "TOO_MANY_REQUESTS", "Too many requests" },
  [431] = { "HEADERS_TOO_LARGE", "The request's headers are too large" },
  [499] = { "CANCELLED", "The caller went away" },
  [501] = { "NOT_IMPLEMENTED", "Not implemented" },
  [502] = { "BAD_GATEWAY", "The service gave no usable answer" },
  [503] = { "UNAVAILABLE", "The service is not available, try again" },
  [504] = { "TIMEOUT", "The service took too long to answer" },
}
local CLIENT_ERROR = { "REQUEST_REFUSED", "The request was refused" }
local SERVER_ERROR = { "INTERNAL_ERROR", "Something went wrong inside Tocsin" }

local function known(status)
  return KNOWN[status] or (status < 500 and CLIENT_ERROR or SERVER_ERROR)
end

-- A proto field's path in the words of JSON, as seen from the body.
local function json_path(path, hints)
  if path == hints.body then
    return "body"
  elseif hints.body and path:sub(1, #hints.body + 1) == hints.body .. "." then
    path = path:sub(#hints.body + 2)
  end
  return (path:gsub("[%w_]+", function(name)
    return hints.fields and hints.fields[name] or name:gsub("_(%w)", string.upper)
  end))
end

-- What Envoy's transcoder says about a request it refused, for somebody who has never seen a proto.
local function translated(text, hints)
  local path, problem = text:match("^([%w_.%[%]]+): invalid value (.-) for type ")
  if path then
    local sentence = problem:sub(1, 1) ~= "\\" and problem:find(" ", 1, true) -- not a quoted value
    problem = sentence and problem:gsub("^Field '.-', ", "") or "invalid value " .. problem
    return json_path(path, hints) .. ": " .. problem
  end
  local unknown = text:match('^Could not find field \\"(.-)\\" in the type')
  if unknown then
    return 'unknown parameter \\"' .. unknown .. '\\"'
  end
  local twice = text:match("Cannot set '([%w_]+)' for type oneof")
  if twice then
    return json_path(twice, hints) .. " is given more than once"
  end
  local first_line = text:gsub("^[: ]+", ""):gsub("\\n.*", ""):gsub("\\u000a.*", "")
  return "The body is not what is expected: " .. first_line
end

local function detail(reply, name)
  for _, one in ipairs(type(reply.details) == "table" and reply.details or {}) do
    if one["@type"] == "type.googleapis.com/google.rpc." .. name then
      return one
    end
  end
  return {}
end

-- What to tell about a failure: a google.rpc.Status of a service or a local reply of Envoy.
local function explain(status, reply, hints)
  local info = detail(reply, "ErrorInfo")
  local reason = info.reason ~= "" and info.reason or nil
  status = tonumber((info.metadata or {}).http_status) or status
  local code, message = unpack(known(status))
  local own = reply.status == nil -- Envoy's have one, a google.rpc.Status has not
  if own and (reply.message or "") ~= "" and (status < 500 or reason) then
    message = reply.message -- a 5xx without a reason was not meant for callers
  elseif not own and status == 400 and reply.details:find("grpc_json_transcode_failure", 1, true) then
    message = translated(reply.message, hints)
  end
  local delay = detail(reply, "RetryInfo").retryDelay
  return {
    status = status,
    code = reason or code,
    message = message,
    retry_after = delay and math.ceil(tonumber(delay:match("^[%d.]+"))),
  }
end

local function fail(handle, status)
  local metadata = handle:metadata()
  local hints = { fields = metadata:get("fields"), body = metadata:get("body") }
  local body = handle:body(true) -- yields: headers taken before are dead afterwards
  local error = explain(status, decode(body:getBytes(0, body:length())), hints)
  local length = body:setBytes(
    string.format('{"status":%d,"message":"%s","code":"%s"}', error.status, error.message, error.code)
  )
  local headers = handle:headers()
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

-- A service would take them for gRPC's own and fail the call.
local function drop_grpc_headers(headers)
  local found = {} -- a header map does not change while it is walked
  for name in pairs(headers) do
    if has_prefix(name, "grpc-") or name:sub(-4) == "-bin" then
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
  drop_grpc_headers(headers)
  note_included(handle, headers:get(":path"))
  local media_type = (headers:get("content-type") or ""):match("^%s*([^;%s]*)"):lower()
  if media_type ~= "" and media_type ~= "application/json" then
    -- The transcoder would pass a gRPC type on to the service, which has no such path.
    if has_prefix(media_type, "application/grpc") or has_body(handle, headers) then
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
