-- The load of `nexus bench api`: each connection asks with the tokens of many users in turn.
-- wrk -tTHREADS -s load.lua URL -- TOKENS METHOD PATH PAUSE BODY THREADS
-- TOKENS: a file, one a line ("-": none). PAUSE: milliseconds between an answer and the next request, 0 to 2 * PAUSE evenly drawn.
-- BODY: a file, one JSON body a line ("-": none), in turn like the tokens.
local threads = {}

function setup(thread)
   thread:set("number", #threads)
   table.insert(threads, thread)
end

local function lines(path)
   local found = {}
   if path ~= "-" then
      for line in io.lines(path) do table.insert(found, line) end
   end
   return found
end

function init(args)
   local tokens, bodies = lines(args[1]), lines(args[5])
   pause = tonumber(args[4])
   requests = {}
   statuses, bad = {}, 0
   for at = 1, math.max(#tokens, #bodies, 1) do
      local headers = { ["Host"] = wrk.host .. ":" .. wrk.port }
      if #tokens > 0 then headers["Authorization"] = "Bearer " .. tokens[(at - 1) % #tokens + 1] end
      local body
      if #bodies > 0 then
         body = bodies[(at - 1) % #bodies + 1]
         headers["Content-Type"] = "application/json"
      end
      local path = args[3]:gsub("{n}", tostring(at))
      requests[at] = wrk.format(args[2], path, headers, body)
   end
   -- Threads begin at different users, so that one does not find what the other has just asked.
   at = math.floor(#requests * number / tonumber(args[6]))
   math.randomseed(number + 1)
   if pause == 0 then delay = nil end
end

function delay()
   return math.random(0, 2 * pause)
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function response(status, headers)
   statuses[status] = (statuses[status] or 0) + 1
   if status >= 400 and not ((status == 429 or status == 503) and (headers["Retry-After"] or headers["retry-after"])) then
      bad = bad + 1
   end
end

function done(summary, latency)
   local counted, bad = {}, 0
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses")) do counted[status] = (counted[status] or 0) + count end
      bad = bad + thread:get("bad")
   end
   local shown = {}
   for status, count in pairs(counted) do table.insert(shown, string.format('"%d": %d', status, count)) end
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "microseconds": %d, "p50": %d, "p95": %d, "p99": %d, "statuses": {%s}, "bad": %d, ' ..
      '"connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
      table.concat(shown, ", "), bad, errors.connect, errors.read, errors.write, errors.timeout))
end
