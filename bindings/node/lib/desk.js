'use strict'
// A lifecycle, what keeps its records and what carries its effects out, behind one `await using`.

const { randomUUID } = require('node:crypto')

/** Node 20 has the symbol; older hosts do not. */
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')

class AccessRefused extends Error {
  constructor(applied) {
    const why = applied.decision.reasons.map(reasonText).join(', ')
    super(`${why} (next: ${applied.decision.next_action})`)
    this.name = new.target.name
    Object.defineProperty(this, 'applied', { value: applied })
    this.decision = applied.decision
  }
}

class ApprovalsMissing extends AccessRefused {
  get seats() {
    return seats(this.decision)
  }
}

class Pending {
  constructor(applied) {
    this.id = applied.request
    this.decision = applied.decision
  }

  get seats() {
    return seats(this.decision)
  }
}

class Access {
  #desk
  #now
  #ended = false

  constructor(desk, id, now) {
    this.#desk = desk
    this.#now = now
    this.id = id
  }

  get grant() {
    return this.#desk.lifecycle.grant(this.id)
  }

  get endsAt() {
    return new Date(this.grant.ends_at)
  }

  get credentialRef() {
    return this.grant.credential_ref ?? undefined
  }

  async use(action, resource) {
    const act = { use: { grant: this.id, action, resource } }
    const applied = await this.#desk.apply(act, undefined, { now: this.#now })
    if (applied.decision.decision !== 'permit') throw new AccessRefused(applied)
    return applied.decision
  }

  async end(outcome = 'done') {
    if (this.#ended) return
    this.#ended = true
    await this.#desk.apply({ complete: { grant: this.id, outcome } }, undefined, { now: this.#now })
  }

  [ASYNC_DISPOSE]() {
    return this.end()
  }
}

class Desk {
  #write
  #carryOut
  #clock
  #unwritten
  #turn = Promise.resolve()

  constructor(lifecycle, { write, carryOut, clock = () => new Date() }) {
    this.lifecycle = lifecycle
    this.#write = write
    this.#carryOut = carryOut
    this.#clock = clock
  }

  async apply(act, commandId, { now } = {}) {
    const applied = await this.#recorded(act, commandId, now)
    await this.#carried(applied, now)
    return applied
  }

  async tick({ now = this.#clock } = {}) {
    await this.apply({ tick: {} }, undefined, { now })
    return this.lifecycle.nextChange(now())
  }

  async elevate(request, { wait, now } = {}, work) {
    const id = await this.#approved(request, wait, now)
    const activated = await this.#recorded({ activate: { request: id } }, undefined, now)
    if (!activated.grant) throw new AccessRefused(activated)
    const access = new Access(this, activated.grant, now)
    let result = access
    try {
      await this.#carried(activated, now)
      const { phase } = access.grant
      if (phase !== 'active')
        throw new Error(`grant ${access.id} is ${phase}: no enforcement point put it in force`)
      if (work) result = await work(access)
    } catch (error) {
      await access.end(error?.name === 'TimeoutError' ? 'timeout' : 'failed').catch((also) => {
        throw new AggregateError([error, also], `${error?.message}; and ending it failed: ${also.message}`)
      })
      throw error
    }
    if (work) await access.end()
    return result
  }

  #recorded(act, commandId = randomUUID(), now = this.#clock) {
    // Records are written one after the other, in the order of their numbers.
    const turn = this.#turn.then(async () => {
      if (this.#unwritten) {
        throw new Error(`record ${this.#unwritten.seq} was not written; rebuild the lifecycle`)
      }
      const applied = this.lifecycle.apply({ command_id: commandId, ...act }, now())
      this.#unwritten = applied
      await this.#write(applied)
      this.#unwritten = undefined
      return applied
    })
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #carried(applied, now) {
    const failed = []
    for (const effect of applied.effects) {
      try {
        const answer = await this.#carryOut(effect)
        if (answer) await this.apply(answer, `${effect.key}/${Object.keys(answer)[0]}`, { now })
      } catch (error) {
        failed.push(error)
      }
    }
    if (failed.length) throw failed[0]
  }

  async #approved(request, wait, now) {
    let applied = await this.apply({ submit: { request } }, undefined, { now })
    const id = applied.request
    if (!id) throw new AccessRefused(applied)
    while (applied.state === 'pending') {
      let acts
      try {
        acts = wait && (await wait(new Pending(applied)))
      } finally {
        if (!acts) await this.apply({ withdraw: { request: id } }, undefined, { now })
      }
      if (!acts) throw new ApprovalsMissing(applied)
      for (const act of [...acts, { tick: {} }]) {
        const said = await this.apply(act, undefined, { now })
        if (said.request === id && said.decision) applied = { ...applied, decision: said.decision }
      }
      applied = { ...applied, state: this.lifecycle.request(id)?.phase ?? 'void' }
    }
    if (!['approved', 'scheduled'].includes(applied.state)) throw new AccessRefused(applied)
    return id
  }
}

function seats(decision) {
  return decision.missing.filter((missing) => missing.type === 'seat')
}

function reasonText({ code, policy, fact, detail, advice }) {
  const about = policy ?? fact ?? detail
  return (about ? `${code} (${about})` : code) + (advice ? `: ${advice}` : '')
}

module.exports = { Access, AccessRefused, ApprovalsMissing, Desk, Pending }
