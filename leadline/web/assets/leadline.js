/* Leadline snippet. In a page:
 *   <script src="https://your.host/js/leadline.js" data-key="KEY" data-consent="none" defer></script>
 * or with a queue before it has loaded:
 *   window.leadline = window.leadline || function () { (leadline.q = leadline.q || []).push(arguments) }
 *   leadline('init', KEY, {consent: 'none', host: 'https://your.host'})
 *
 * Consent: none (default)  nothing is stored, nothing is sent; what happens waits in memory
 *          aggregate       page views are counted without any identifier; nothing is stored
 *          individual      a random id in localStorage; page views, events, identify
 * Global Privacy Control and Do Not Track turn individual into aggregate, whatever was asked for.
 * One localStorage entry, no cookie. Nothing here ever throws into the page.
 */
(function (window, document) {
  'use strict'
  var NAME = 'leadline'
  var VISIT_MS = 30 * 60 * 1000
  var MAX_WAITING = 50
  var MAX_TRIES = 6

  var script = document.currentScript
  var navigator = window.navigator
  var host = script && script.src ? script.src.replace(/\/js\/leadline\.js.*$/, '') : ''
  var key = ''
  var mode = 'none'
  var landing = { url: location.href, referrer: document.referrer }
  var seen = landing.referrer
  var held = []     // before consent, in memory only
  var unsent = []   // failed or under way, in memory only
  var state = null  // {id, user, visit, first, last}, kept only with individual consent

  function guard(work) {
    return function () {
      try { return work.apply(this, arguments) } catch (error) { /* never into the page */ }
    }
  }

  function optedOut() {
    return navigator.globalPrivacyControl === true || navigator.doNotTrack === '1' || window.doNotTrack === '1'
  }

  function allowed(wanted) {
    if (wanted !== 'individual') return wanted === 'aggregate' ? wanted : 'none'
    return optedOut() ? 'aggregate' : wanted
  }

  function random() {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16))
    return Array.prototype.map.call(bytes, function (b) { return (b + 256).toString(16).slice(1) }).join('')
  }

  function stored() {
    try { return JSON.parse(window.localStorage.getItem(NAME)) } catch (error) { return null }
  }

  function store() {
    try { window.localStorage.setItem(NAME, JSON.stringify(state)) } catch (error) { /* private mode */ }
  }

  function forget() {
    state = null
    try { window.localStorage.removeItem(NAME) } catch (error) { /* private mode */ }
  }

  /* Sending: text/plain asks for no preflight; keepalive and sendBeacon outlive the page. */
  function send(entry) {
    unsent.push(entry)
    post(entry)
  }

  function post(entry) {
    entry.tries++
    window.fetch(host + '/v1/' + entry.route, {
      method: 'POST', body: entry.body, keepalive: true, credentials: 'omit', mode: 'cors',
      headers: { 'Content-Type': 'text/plain' }
    }).then(function (response) {
      if (response.status < 500 && response.status !== 429) done(entry)
      else again(entry)
    }, function () { again(entry) })
  }

  function done(entry) {
    unsent = unsent.filter(function (other) { return other !== entry })
  }

  function again(entry) {
    if (entry.tries >= MAX_TRIES) return done(entry)
    window.setTimeout(guard(function () { if (unsent.indexOf(entry) >= 0) post(entry) }), 500 * Math.pow(2, entry.tries))
  }

  function leave() {
    unsent.forEach(function (entry) {
      // Sent a second time it has the same message id and no second effect.
      if (entry.tries > 1 && navigator.sendBeacon) navigator.sendBeacon(host + '/v1/' + entry.route, entry.body)
    })
    unsent = unsent.filter(function (entry) { return entry.tries <= 1 })
  }

  /* What happened: {route, fields}; the same before and after consent. */
  function happen(route, fields) {
    var now = new Date().toISOString()
    var page = { url: location.href, path: location.pathname, title: document.title, referrer: seen }
    dispatch({ route: route, fields: fields, at: now, id: random(), page: page })
  }

  function dispatch(event) {
    if (!key || mode === 'none') {
      if (held.length < MAX_WAITING) held.push(event)
    } else if (mode === 'aggregate') {
      if (event.route === 'page') count(event)
    } else {
      individual(event)
    }
  }

  function count(event) {
    var body = { writeKey: key, name: 'Page Viewed', url: event.page.url.split(/[?#]/)[0], referrer: event.page.referrer.split(/[?#]/)[0] }
    send({ route: 'count', body: JSON.stringify(body), tries: 0 })
  }

  function individual(event) {
    begin(event)
    transmit(event)
  }

  function transmit(event) {
    var zone
    try { zone = Intl.DateTimeFormat().resolvedOptions().timeZone } catch (error) { /* old browser */ }
    var body = {
      writeKey: key, type: event.route, messageId: event.id, anonymousId: state.id, timestamp: event.at,
      sentAt: new Date().toISOString(),
      context: { page: event.page, userAgent: navigator.userAgent, locale: navigator.language, timezone: zone, library: { name: 'leadline.js', version: '1' } }
    }
    if (event.fields.userId) { state.user = event.fields.userId; store() }
    if (state.user) body.userId = state.user
    Object.keys(event.fields).forEach(function (name) { body[name] = event.fields[name] })
    send({ route: event.route, body: JSON.stringify(body), tries: 0 })
  }

  /* The visitor's id, first and last touch, and whether a visit begins with this event. */
  function begin(event) {
    var now = Date.now()
    state = state || stored() || { id: random() }
    var isNew = !(now - state.visit < VISIT_MS)
    var touch = { url: landing.url, referrer: landing.referrer }
    if (!state.first) state.first = touch
    if (campaign(landing.url) || foreign(landing.referrer)) state.last = touch
    state.visit = now
    store()
    if (isNew) {
      transmit({ route: 'track', id: random(), at: event.at, page: event.page, fields: { event: 'Visit Started', properties: { url: event.page.url } } })
    }
  }

  function campaign(url) {
    return /[?&](utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|li_fat_id|twclid|ScCid|epik|rdt_cid|yclid)=/i.test(url)
  }

  function foreign(referrer) {
    return referrer && referrer.split('/')[2] !== location.host
  }

  /* Forms that come to us carry where the visitor came from. Attribution of this page only,
   * unless the visitor agreed to more. */
  function fill(form, name, value) {
    var input = form.elements.namedItem(name)
    if (!input) {
      input = document.createElement('input')
      input.type = 'hidden'
      input.name = name
      form.appendChild(input)
    }
    if (value) input.value = value
  }

  function submit(event) {
    var form = event.target
    if (!form || !/\/f\/[\w-]+$/.test(form.getAttribute('action') || '')) return
    var touch = mode === 'individual' && state ? state.last || state.first : landing
    fill(form, '_page', location.href)
    if (touch) { fill(form, '_first_page', touch.url); fill(form, '_first_referrer', touch.referrer) }
    if (mode !== 'individual') return
    fill(form, '_anonymous_id', state && state.id)
    fill(form, '_time_zone', Intl.DateTimeFormat().resolvedOptions().timeZone)
  }

  var api = {
    init: function (writeKey, options) {
      options = options || {}
      if (options.host) host = options.host.replace(/\/$/, '')
      key = writeKey
      // An id from an earlier visit means that consent was given then and not withdrawn since.
      api.consent(stored() ? 'individual' : options.consent)
      if (options.page !== false) api.page()
    },
    consent: function (wanted) {
      mode = allowed(wanted)
      if (mode !== 'individual') forget()
      if (mode === 'none' || !key) return
      held.splice(0).forEach(dispatch)
    },
    page: function (name, properties) {
      happen('page', { name: typeof name === 'string' ? name : undefined, properties: properties || {} })
      seen = location.href
    },
    track: function (event, properties) {
      happen('track', { event: String(event), properties: properties || {} })
    },
    identify: function (user, traits) {
      if (user && typeof user === 'object') { traits = user; user = null }
      happen('identify', user ? { userId: String(user), traits: traits || {} } : { traits: traits || {} })
    },
    reset: function () {
      forget()
    }
  }

  function navigated() {
    if (key && location.href.split('#')[0] !== seen.split('#')[0]) api.page()
  }

  var queue = (window[NAME] && window[NAME].q) || []
  var call = guard(function (name) {
    if (api.hasOwnProperty(name)) api[name].apply(null, Array.prototype.slice.call(arguments, 1))
  })
  Object.keys(api).forEach(function (name) { call[name] = guard(api[name]) })
  window[NAME] = call

  guard(function () {
    document.addEventListener('submit', guard(submit), true)
    window.addEventListener('pagehide', guard(leave))
    window.addEventListener('popstate', guard(navigated))
    var push = window.history.pushState
    window.history.pushState = function () {
      var result = push.apply(this, arguments)
      guard(navigated)()
      return result
    }
    var data = (script && script.dataset) || {}
    if (data.key) call('init', data.key, { consent: data.consent })
    Array.prototype.forEach.call(queue, function (entry) { call.apply(null, entry) })
  })()
})(window, document)
