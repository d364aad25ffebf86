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
  #ended = false

  constructor(desk, id) {
    this.#desk = desk
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
    const applied = await this.#desk.apply({ use: { grant: this.id, action, resource } })
    if (applied.decision.decision !== 'permit') throw new AccessRefused(applied)
    return applied.decision
  }

  async end(outcome = 'done') {
    if (this.#ended) return
    this.#ended = true
    await this.#desk.apply({ complete: { grant: this.id, outcome } })
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

  async apply(act, commandId = randomUUID()) {
    // Records are written one after the other, in the order of their numbers.
    const turn = this.#turn.then(() => this.#recorded({ command_id: commandId, ...act }))
    this.#turn = turn.catch(() => {})
    const applied = await turn
    for (const effect of applied.effects) {
      const answer = await this.#carryOut(effect)
      if (answer) await this.apply(answer, `${effect.key}/${Object.keys(answer)[0]}`)
    }
    return applied
  }

  async #recorded(command) {
    if (this.#unwritten) {
      throw new Error(`record ${this.#unwritten.seq} was not written; rebuild the lifecycle`)
    }
    const applied = this.lifecycle.apply(command, this.#clock())
    this.#unwritten = applied
    await this.#write(applied)
    this.#unwritten = undefined
    return applied
  }

  async tick() {
    await this.apply({ tick: {} })
    return this.lifecycle.nextChange(this.#clock())
  }

  async elevate(request, { wait } = {}, work) {
    const approved = await this.#approved(request, wait)
    const access = new Access(this, await this.#activated(approved))
    if (!work) return access
    let outcome = 'failed'
    try {
      const result = await work(access)
      outcome = 'done'
      return result
    } catch (error) {
      if (error?.name === 'TimeoutError') outcome = 'timeout'
      throw error
    } finally {
      await access.end(outcome)
    }
  }

  async #approved(request, wait) {
    let applied = await this.apply({ submit: { request } })
    const id = applied.request
    while (applied.state === 'pending') {
      const acts = wait && (await wait(new Pending(applied)))
      if (!acts) {
        await this.apply({ withdraw: { request: id } })
        throw new ApprovalsMissing(applied)
      }
      for (const act of [...acts, { tick: {} }]) {
        const said = await this.apply(act)
        if (said.request === id && said.decision) applied = { ...applied, decision: said.decision }
      }
      applied = { ...applied, state: this.lifecycle.request(id).phase }
    }
    if (!['approved', 'scheduled'].includes(applied.state)) throw new AccessRefused(applied)
    return applied
  }

  async #activated({ request }) {
    const applied = await this.apply({ activate: { request } })
    if (!applied.grant) throw new AccessRefused(applied)
    const { phase } = this.lifecycle.grant(applied.grant)
    if (phase !== 'active')
      throw new Error(`grant ${applied.grant} is ${phase}: no enforcement point put it in force`)
    return applied.grant
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
