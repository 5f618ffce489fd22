-- Events of about 400 bytes for wrk; BATCH events per request, AUTH is the header, FORM posts a form.
local batch = tonumber(os.getenv("BATCH") or "1")
local form = os.getenv("FORM")
local thread_number = 0

function setup(thread)
  thread:set("number", thread_number)
  thread_number = thread_number + 1
end

function init(args)
  math.randomseed(os.time() + number * 7919)
  prefix = string.format("%08x-%02x", math.random(0, 0x7fffffff), number)
  sent = 0
end

local function event()
  sent = sent + 1
  return string.format(
    '{"type":"track","messageId":"%s-%016x","userId":"user-%d","event":"Page Viewed",' ..
    '"properties":{"url":"https://example.com/pricing?utm_source=ads","plan":"enterprise",' ..
    '"referrer":"https://www.example.org/"},"context":{"userAgent":"Mozilla/5.0 (X11; Linux ' ..
    'x86_64) AppleWebKit/537.36","library":{"name":"leadline.js","version":"1.0.0"},' ..
    '"locale":"en-GB"},"timestamp":"2026-11-22T01:00:00.000Z"}',
    prefix, sent, math.random(0, 999999))
end

wrk.method = "POST"
if form then
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
else
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = os.getenv("AUTH")
end

function request()
  if form then
    sent = sent + 1
    return wrk.format(nil, nil, nil, string.format(
      "email=visitor%d%%40example.com&first_name=Ada&company=Example+Ltd&message=%s-%d",
      math.random(0, 999999), prefix, sent))
  end
  if batch == 1 then
    return wrk.format(nil, nil, nil, event())
  end
  local items = {}
  for index = 1, batch do
    items[index] = event()
  end
  return wrk.format(nil, nil, nil, '{"batch":[' .. table.concat(items, ",") .. ']}')
end

function done(summary, latency, requests)
  io.write(string.format(
    '{"requests_per_second":%.0f,"p50_ms":%.2f,"p99_ms":%.2f,"max_ms":%.1f,"not_2xx":%d,"errors":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
