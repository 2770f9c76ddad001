-- Finds out what to tell about a failure: in which words, about which field, until when.

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

-- What Envoy's transcoder says about a request it refused, for somebody who has never seen a proto;
-- and the field that it is about, if it is about one.
local function translated(text, hints)
  local path, problem = text:match("^([%w_.%[%]]+): invalid value (.-) for type ")
  if path then
    local sentence = problem:sub(1, 1) ~= "\\" and problem:find(" ", 1, true) -- not a quoted value
    problem = sentence and problem:gsub("^Field '.-', ", "") or "invalid value " .. problem
    path = json_path(path, hints)
    return path .. ": " .. problem, path
  end
  local unknown = text:match('^Could not find field \\"(.-)\\" in the type')
  if unknown then
    return 'unknown parameter \\"' .. unknown .. '\\"', unknown
  end
  local twice = text:match("Cannot set '([%w_]+)' for type oneof")
  if twice then
    twice = json_path(twice, hints)
    return twice .. " is given more than once", twice
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

-- The fields that are at fault: {{field, code, message}}.
local function faults(reply)
  local violations, found = detail(reply, "BadRequest").fieldViolations, {}
  for index, one in ipairs(type(violations) == "table" and violations or {}) do
    found[index] = { field = one.field, code = one.reason, message = one.description }
  end
  return found
end

-- The time to wait, in seconds, as a service or Envoy says it; nil if neither does.
local function delay(reply, headers)
  local told = detail(reply, "RetryInfo").retryDelay or headers.retry_after
  local seconds = told and tonumber(told:match("^[%d.]+"))
  return seconds and math.ceil(seconds)
end

-- What to tell about a failure: a google.rpc.Status of a service or a local reply of Envoy, with
-- some of its headers.
local function explain(status, reply, headers, hints)
  local info = detail(reply, "ErrorInfo")
  local reason = info.reason ~= "" and info.reason or nil
  local metadata = info.metadata or {}
  status = tonumber(metadata.http_status) or status
  local code, message = unpack(known(status))
  local fields = faults(reply)
  local own = reply.status == nil -- Envoy's have one, a google.rpc.Status has not
  if own and (reply.message or "") ~= "" and (status < 500 or reason) then
    message = reply.message -- a 5xx without a reason was not meant for callers
  elseif not own and status == 400 and reply.details:find("grpc_json_transcode_failure", 1, true) then
    local field
    message, field = translated(reply.message, hints)
    fields = field and { { field = field, code = code, message = message } } or fields
  end
  return {
    status = status,
    code = reason or code,
    message = message,
    fields = fields,
    retry_after = delay(reply, headers),
    limit = {
      name = metadata.limit_name or "requests",
      most = tonumber(metadata.limit or (headers.limit or ""):match("^%d+")) or 0,
      remaining = tonumber(metadata.limit_remaining) or 0,
    },
  }
end
