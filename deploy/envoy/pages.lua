-- What people and their browsers get and send: errors as pages, a cookie as a credential.

local PAGE = [[
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tocsin</title>
<link rel="stylesheet" href="/static/tocsin.css">
<body><main><p class="quiet">%d</p><h1>%s</h1><p><a href="/">Tocsin</a></p></main></body>
</html>
]]

-- For a person. It quotes nothing that anybody sent.
function DIALECTS.PAGE(error)
  return string.format(PAGE, error.status, known(error.status)[2])
end

-- What an error is besides its body, where that is not JSON.
local HEADERS = {
  ILERT = { ["content-type"] = "application/json" },
  PAGE = {
    ["content-type"] = "text/html; charset=utf-8",
    ["cache-control"] = "no-store",
    ["content-security-policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    ["referrer-policy"] = "no-referrer",
    ["x-content-type-options"] = "nosniff",
  },
}

-- The cookie of who signed in counts where a route says so. It goes no further: whatever a browser
-- sends along by itself must move nothing at the other paths.
local function take_cookie(headers, counts)
  local cookies = headers:get("cookie")
  headers:remove("cookie")
  local token = counts and cookies and ("; " .. cookies):match(";%s*tocsin=([%w_]+)")
  if token and not headers:get("authorization") then
    headers:add("authorization", "Bearer " .. token)
  end
end

-- Browsers say where a request comes from; those that do not speak through TLS say the origin only.
local function is_from_own_page(headers)
  local site, origin = headers:get("sec-fetch-site"), headers:get("origin")
  if site then
    return site == "same-origin"
  end
  return origin ~= nil and origin:match("^https?://(.+)$") == headers:get(":authority")
end
