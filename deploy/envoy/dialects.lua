-- How each dialect tells an error. Each takes what errors.lua found out, may change the status and
-- the time to wait to what its clients know, and returns the body.

-- One text after the other, each made of an item.
local function joined(items, render)
  local texts = {}
  for index, item in ipairs(items) do
    texts[index] = render(item)
  end
  return table.concat(texts, ",")
end

-- A credential that nobody knows is 403 in ilert's dialect alone.
local function unauthorized(error)
  if error.code == "KEY_ERROR" then
    error.status = 401
  end
end

-- A field that is at fault is 422 where a dialect knows that status.
local function unprocessable(error)
  if error.status == 400 and #error.fields > 0 then
    error.status = 422
  end
end

local DIALECTS = {}

-- {"status": 404, "message": "...", "code": "NOT_FOUND"}
function DIALECTS.ILERT(error)
  return string.format(
    '{"status":%d,"message":"%s","code":"%s"}',
    error.status,
    error.message,
    error.code
  )
end

---------------------------------------------------------------- incident.io

local INCIDENT_IO_TYPES = {
  [401] = "authentication_error",
  [403] = "resource_forbidden",
  [404] = "not_found",
  [405] = "method_not_allowed",
  [406] = "not_acceptable",
  [408] = "request_timeout",
  [409] = "conflict",
  [412] = "precondition_failed",
  [413] = "payload_too_large",
  [422] = "validation_error",
  [429] = "too_many_requests",
  [499] = "client_timeout",
}
local INCIDENT_IO_CODES = {
  UNAUTHENTICATED = "missing_authorization_material",
  KEY_ERROR = "access_token_invalid",
}
local INCIDENT_IO_FAULTS = { INVALID_REQUEST = "is_invalid", BAD_REQUEST = "is_invalid" }
-- Until the limit's window ends, if nobody says when that is.
local LONGEST_WAIT = 60

local function incident_io_type(status)
  return INCIDENT_IO_TYPES[status] or (status < 500 and "invalid_request_error" or "api_error")
end

local function incident_io_limit(error)
  error.retry_after = error.retry_after or LONGEST_WAIT
  return string.format(
    '"rate_limit":{"name":"%s","limit":%d,"remaining":%d,"retry_after":"%s"},',
    error.limit.name,
    error.limit.most,
    error.limit.remaining,
    os.date("!%a, %d %b %Y %H:%M:%S UTC", os.time() + error.retry_after)
  )
end

-- Its official client fails at a source without a pointer.
local function incident_io_fault(fault)
  local code = INCIDENT_IO_FAULTS[fault.code] or fault.code:lower()
  local pointer = "/" .. fault.field:gsub("%[(%d+)%]", "/%1"):gsub("%.", "/")
  return string.format(
    '{"code":"%s","message":"%s","source":{"field":"%s","pointer":"%s"}}',
    code,
    fault.message,
    fault.field,
    pointer
  )
end

-- {"type": "validation_error", "status": 422, "request_id": "...", "errors": [{"code":
-- "is_required", "message": "...", "source": {"field": "title", "pointer": "/title"}}]}
function DIALECTS.INCIDENT_IO(error)
  unauthorized(error)
  unprocessable(error)
  local errors = joined(error.fields, incident_io_fault)
  if errors == "" then
    local code = INCIDENT_IO_CODES[error.code] or error.code:lower()
    errors = string.format('{"code":"%s","message":"%s"}', code, error.message)
  end
  return string.format(
    '{"type":"%s","status":%d,"request_id":"%s",%s"errors":[%s]}',
    incident_io_type(error.status),
    error.status,
    error.request_id,
    error.status == 429 and incident_io_limit(error) or "",
    errors
  )
end

---------------------------------------------------------------- the others

-- {"error": "not_found", "message": "..."}
function DIALECTS.TTYOPS(error)
  unauthorized(error)
  return string.format('{"error":"%s","message":"%s"}', error.code:lower(), error.message)
end

local PAGERDUTY = {
  [400] = { "invalid event", "Event object is invalid" },
  [429] = {
    "throttle exceeded",
    "Requests for this service are arriving too quickly. Please retry later.",
  },
}

-- {"status": "invalid event", "message": "Event object is invalid", "errors": ["..."]}
function DIALECTS.PAGERDUTY(error)
  local words = { error.code:lower():gsub("_", " "), error.message }
  local status, message = unpack(PAGERDUTY[error.status] or words)
  return string.format(
    '{"status":"%s","message":"%s","errors":["%s"]}',
    status,
    message,
    error.message
  )
end

local function opsgenie_fault(fault)
  return string.format('"%s":"%s"', fault.field, fault.message)
end

-- {"message": "...", "took": 0.0, "requestId": "..."}, and of fields also {"errors": {"...": "..."}}
function DIALECTS.OPSGENIE(error)
  unauthorized(error)
  unprocessable(error)
  local faults = joined(error.fields, opsgenie_fault)
  local message = error.message
  if faults ~= "" then
    message = "Request body is not processable. Please check the errors."
    faults = '"errors":{' .. faults .. "},"
  end
  return string.format(
    '{"message":"%s",%s"took":0.0,"requestId":"%s"}',
    message,
    faults,
    error.request_id
  )
end
