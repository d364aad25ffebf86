'use strict'
// A service in front of a privileged endpoint. It asks on every request, and does what it is told.
//
//   node service.js PACK FACTS.json [PORT]
//
//   POST /restart/SYSTEM   x-user: who, x-incident: the incident, x-shift: the shift
//   POST /facts            what changed in the world, from whoever watches it
//
// Who the caller is was settled before, by your proxy or your sessions: `x-user` stands for that.

const fs = require('node:fs')
const http = require('node:http')
const { once } = require('node:events')
const { Facts, GlasskeyError, answer, explain, load } = require('glasskey')

/** What this service can do when it acts on a decision. A duty that it does not know is a no. */
const duties = {
  record_session: (log) => log('recording begins'),
  notify: (log, { to }) => log(`told ${to}`),
}

/** A request listener. `now` is the system's clock unless another one is given. */
function service({ bundle, facts, log = console.log, now = () => new Date() }) {
  function restart(user, system, headers) {
    const request = {
      principal: `Glasskey::Person::${JSON.stringify(user)}`,
      scope: [{ action: 'Ops::Action::"restart"', resource: `Glasskey::System::${JSON.stringify(system)}` }],
      supports: [
        ...(headers['x-incident'] ? [{ incident: headers['x-incident'] }] : []),
        ...(headers['x-shift'] ? [{ shift: headers['x-shift'] }] : []),
      ],
    }
    const verdict = answer(bundle, facts, request, now())
    const unknown = verdict.obligations.find(({ type }) => !(type in duties))
    if (verdict.decision !== 'permit' || unknown) {
      // Only a refused caller waits for the reasons.
      const { decision, rules } = explain(bundle, facts, request, now())
      const { reasons, missing, next_action } = decision
      return [403, { decision: decision.decision, reasons, missing, next_action, unknown, rules }]
    }
    for (const duty of verdict.obligations) duties[duty.type](log, duty)
    log(`${user} restarts ${system}, under ${verdict.rule}`)
    return [200, { restarted: system, ask_again: verdict.valid_until }]
  }

  async function route(request) {
    const [, what, system] = request.url.split('/')
    if (request.method === 'POST' && what === 'restart' && system) {
      return restart(request.headers['x-user'] ?? '', decodeURIComponent(system), request.headers)
    }
    if (request.method === 'POST' && what === 'facts') {
      // Snapshots are immutable: whoever is being answered keeps the one that he was asked under.
      facts = facts.observe(await body(request), now())
      return [200, { observed_at: facts.observedAt }]
    }
    return [404, { error: 'POST /restart/SYSTEM or POST /facts' }]
  }

  return async (request, response) => {
    const [status, answered] = await route(request).catch((error) => {
      if (error instanceof GlasskeyError) return [400, { errors: error.errors }]
      log(error)
      return [500, { error: 'see the log' }]
    })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered))
  }
}

async function body(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function main(pack, snapshot, port = '8080') {
  const bundle = load(pack)
  const facts = new Facts(bundle, fs.readFileSync(snapshot))
  const server = http.createServer(service({ bundle, facts })).listen(Number(port), '127.0.0.1')
  await once(server, 'listening')
  console.log(`http://127.0.0.1:${server.address().port} asks ${bundle.name} ${bundle.version}`)
}

module.exports = { service }
if (require.main === module) main(...process.argv.slice(2))
