/**
 * Glasskey decides, inside your own process, whether somebody may hold emergency or just-in-time
 * privilege now, for exactly how long and on which conditions, and proves afterwards when it began
 * and ended.
 *
 * Handles (`Bundle`, `Facts`, `Request`) are immutable. Everything else is plain data. `now` is the
 * system's clock unless it is given.
 *
 * @packageDocumentation
 */

import type {
  Applied,
  Catalogue,
  Checkpoint,
  Command,
  CommandItem,
  Counterfactual,
  Decision,
  Digest,
  Disclosure,
  Divergence,
  Effect,
  Entry,
  ErrorCode,
  ErrorData,
  Evidence,
  Explanation,
  Extension,
  FactsDocument,
  Found,
  Grant,
  Ignored,
  Instant,
  Item,
  Label,
  LedgerState,
  MissingSeat,
  Outline,
  Predicate,
  Recorded,
  RequestDocument,
  RequestRecord,
  Residual,
  Timeline,
  Verdict,
  VerifyReport,
} from './types'

export type * from './types'

/** JSON text, as a string or UTF-8 bytes. */
export type Json = string | Uint8Array
/** A request: prepared, plain data or JSON text. */
export type Ask = Request | RequestDocument | Json

/** A compiled pack: schema, policies and manifest. Immutable. */
export class Bundle {
  private constructor()
  /**
   * Compiles a pack from its files, by name: one `bundle.toml`, any `*.cedar` and `*.cedarschema`.
   *
   * @throws {GlasskeyError} with every fault of every file in `errors`.
   */
  static compile(files: Record<string, string | Uint8Array>): Bundle
  /** As `compile`, off the main thread. */
  static compileAsync(files: Record<string, string | Uint8Array>): Promise<Bundle>
  /**
   * Compiles a pack that one of `keys` has signed: `envelope` is its `bundle.dsse.json`, or null if
   * there is none, which is an error. Decisions, evidence and records name the signers.
   */
  static compileSigned(
    files: Record<string, string | Uint8Array>,
    envelope: Json | null,
    keys: string[],
  ): Bundle
  /**
   * A pack from its compiled form, which loads without a parser and decides the same. Only load what
   * you would run: `fromCompiledSigned` checks who made it.
   *
   * @throws {GlasskeyError} `bad_compiled` for bytes that are none, or are those of another version.
   */
  static fromCompiled(bytes: Uint8Array): Bundle
  /**
   * A pack from its compiled form, if one of `keys` has signed it. The envelope is over one file,
   * `bundle.compiled`.
   */
  static fromCompiledSigned(bytes: Uint8Array, envelope: Json | null, keys: string[]): Bundle
  /**
   * Its compiled form: always the same bytes for the same pack. Texts of policies and schema are
   * left out: what is loaded from it points at no place in a text, and cannot be extended.
   *
   * @throws {GlasskeyError} `not_compilable` if something in the pack takes Cedar itself.
   */
  toCompiled(): Uint8Array
  /**
   * The folder, relative to the pack's own, of a pack that these files extend and do not hold yet:
   * its files go in under names that begin with it, like `../starter/rules.cedar`.
   */
  static missingBase(files: Record<string, string | Uint8Array>): string | null
  /** The digest that names it. */
  get digest(): Digest
  /** The keys that signed it, if a signature was demanded. */
  get signedBy(): string[]
  /** The pack's name. */
  get name(): string
  /** The pack's version. */
  get version(): string
  /** The whole schema as Cedar text. */
  get schema(): string
  /** What it holds: manifest, rules with their terms, guards, actions, warnings. */
  outline(): Outline
  /** Whether the other is the same pack, by their digests. */
  equals(other: unknown): boolean
}

/** A snapshot of the world, read for one bundle. Immutable. */
export class Facts {
  /** Reads a whole snapshot, which must say when it was taken. */
  constructor(bundle: Bundle, snapshot: FactsDocument | Json)
  /** The next snapshot: this one, and what changed. This one stays as it is. */
  observe(change: FactsDocument | Json, now?: Instant): Facts
  /** As `observe`, with the records that were left out of account, and why. */
  observeWithNotes(change: FactsDocument | Json, now?: Instant): { facts: Facts; ignored: Ignored[] }
  /** The same facts for another bundle, if its schema takes them. */
  rebind(bundle: Bundle): Facts
  /** The latest time at which anything in it was observed. */
  get observedAt(): string
  /** How many entities it has. */
  get entityCount(): number
}

/** A request that is read and checked once, to be decided often. Immutable. */
export class Request {
  /** Reads a request. */
  constructor(request: RequestDocument | Json)
  /** The request as plain data. */
  toJSON(): RequestDocument
}

/**
 * From request to confirmed end, as one aggregate without I/O. What it answers is the record to
 * be kept: with `fold` the records make the same state again.
 */
export class Lifecycle {
  /** A lifecycle in which nothing has happened yet. */
  constructor(bundle: Bundle, facts: Facts)
  /**
   * Applies one command: what happened, what to carry out, what was decided.
   *
   * A refusal is no error. Sending the same command again gives the same answer and changes
   * nothing. After an error nothing has changed.
   */
  apply(command: Command | Json, now?: Instant): Applied
  /**
   * Applies commands of one instant, those that end privilege first, so that any order of arrival
   * gives the same answers.
   */
  applyAll(commands: Iterable<Command | Json>, now?: Instant): CommandItem[]
  /** Lets another bundle decide from now on. What it no longer permits becomes void, or ends. */
  changeBundle(commandId: string, bundle: Bundle, now?: Instant): Applied
  /**
   * Takes in a record that a lifecycle like this one gave before. `bundle` is the one that decides
   * from there on, if the record changed it.
   */
  fold(applied: Applied | Json, bundle?: Bundle): void
  /**
   * Forgets what commands were answered before an instant, to free memory: it is in the ledger.
   * Such a command sent again is not applied again, but refused as `answer_forgotten`.
   */
  forgetAnswers(before: Instant): void
  /** The first instant at which anything changes by itself; come back then with a `tick`. */
  nextChange(now?: Instant): string | undefined
  /** The number of the last record. */
  get seq(): number
  /** The facts as they stand. */
  get facts(): Facts
  /** The bundle that decides. */
  get bundle(): Bundle
  /** A request by its id. */
  request(id: string): RequestRecord | undefined
  /** A grant by its id. */
  grant(id: string): Grant | undefined
  /** An extension by its id. */
  extension(id: string): Extension | undefined
  /** All requests, in order of their ids. */
  requests(): RequestRecord[]
  /** All grants, in order of their ids. */
  grants(): Grant[]
  /** Whether the other one is in the same state. */
  sameState(other: Lifecycle): boolean
  /** Another one in the same state: what is applied to it leaves this one alone. */
  copy(): Lifecycle
}

/** Where a ledger ends: enough to append to it. It holds no entries; the host writes each one. */
export class Ledger {
  private constructor()
  /** Begins a ledger: the ledger, and its first entry, which names it. */
  static begin(origin: string, at?: Instant): { ledger: Ledger; entry: Entry }
  /** Opens a ledger at its first entry; `push` takes the others. */
  static open(first: Entry | Json): Ledger
  /** A ledger from its `state`, as it was kept. */
  static fromState(state: LedgerState | Json): Ledger
  /** Begins a ledger that continues this one, which the host then closes. */
  continueAs(origin: string, at?: Instant): { ledger: Ledger; entry: Entry }
  /**
   * Makes the next entry and moves the end behind it. The caller writes the entry: its `canonical`
   * text is its line. The body is a value, or JSON text given as bytes.
   */
  append(kind: string, body: unknown, at?: Instant): Entry
  /** Makes the entries of what a lifecycle did, in the order in which they must be written. */
  record(applied: Applied | Json): Entry[]
  /** Takes an entry that was written before, and checks that it is the next one. */
  push(entry: Entry | Json): void
  /** `now`, or the time of the last entry if a clock stepped back behind it. */
  notBefore(now?: Instant): string
  /** Its name. */
  get origin(): string
  /** How many entries it has. */
  get size(): number
  /** The hash of the last entry. */
  get head(): Digest
  /** The root of the Merkle tree over the entries. */
  get root(): Digest
  /** When the last entry was written. */
  get lastAt(): string
  /** All of it as plain data, to be kept where the ledger itself is kept. */
  get state(): LedgerState
  /** The text of the ledger as it is now, which the host's signer signs. */
  checkpoint(): string
  /** Another one at the same place: append to it, write, and then keep it. */
  copy(): Ledger
}

/** A command without its id, like `{ revoked: { grant, point } }`. */
export type Act = Command extends infer C
  ? C extends Command
    ? Omit<C, 'command_id' | 'expect_seq'>
    : never
  : never

/**
 * A lifecycle with a host's hands.
 *
 * `write` keeps each record, before anything is carried out; when it fails the desk closes, and the
 * lifecycle is to be rebuilt from what was written. `carryOut` carries one effect out and may answer
 * with what came of it: `{ issued: {…} }`, `{ revoked: {…} }`; an effect that fails does not keep the
 * others from being carried out. `clock` tells the time.
 */
export class Desk {
  constructor(
    lifecycle: Lifecycle,
    host: {
      write: (applied: Applied) => unknown
      carryOut: (effect: Effect) => Act | undefined | void | Promise<Act | undefined | void>
      clock?: () => Date
    },
  )
  readonly lifecycle: Lifecycle
  /** Applies a command, keeps its record, carries its effects out. */
  apply(act: Act, commandId?: string, options?: Clocked): Promise<Applied>
  /** Does what is due, and says when to come back. */
  tick(options?: Clocked): Promise<string | undefined>
  /**
   * Holds a privilege until it is disposed of, with `await using` or `end`.
   *
   * A request that is refused throws `AccessRefused`. One that needs approvals throws
   * `ApprovalsMissing`, unless `wait` gathers them: it is called until the seats are filled, and
   * gives what was said (`{ approve: { request: pending.id, by } }`), or nothing to give up.
   */
  elevate(request: RequestDocument, options?: Waiting): Promise<Access>
  /** As `elevate`, for the length of `work`: the privilege ends with it, however that ends. */
  elevate<T>(request: RequestDocument, options: Waiting, work: (access: Access) => Promise<T> | T): Promise<T>
}

/** A clock in place of the desk's own. */
export interface Clocked {
  /** The time; the desk's own clock, if not given. */
  now?: (() => Date) | undefined
}

/** How approvals are gathered. */
export interface Waiting extends Clocked {
  /** Gathers what approvers say; called until the seats are filled, or it gives nothing. */
  wait?: (pending: Pending) => Iterable<Act> | undefined | void | Promise<Iterable<Act> | undefined | void>
}

/** A request that waits for approvals. */
export class Pending {
  private constructor()
  /** Its id, which approvals name. */
  readonly id: string
  /** The answer so far: `ask` is what an approver agrees to. */
  readonly decision: Decision
  /** The seats that are missing, and who could fill them. */
  get seats(): MissingSeat[]
}

/** A grant in force. */
export class Access implements AsyncDisposable {
  private constructor()
  /** The grant's id. */
  readonly id: string
  /** The grant as it stands now. */
  get grant(): Grant
  /** When it ends at the latest. */
  get endsAt(): Date
  /** Where its credential is to be found; never the credential itself. */
  get credentialRef(): string | undefined
  /** Asks before each act. Throws `AccessRefused` when it is no longer covered. */
  use(action: string, resource: string): Promise<Decision>
  /** Ends it. */
  end(outcome?: 'done' | 'failed' | 'timeout'): Promise<void>
  /** Ends it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Access is not given. The answer says why, and what would change it. */
export class AccessRefused extends Error {
  protected constructor()
  readonly applied: Applied
  readonly decision: Decision
}

/** Access is not given yet: seats are to be filled first. */
export class ApprovalsMissing extends AccessRefused {
  /** The seats that are missing, and who could fill them. */
  get seats(): MissingSeat[]
}

/**
 * An input is malformed, too large or inapplicable. A deny is never an error.
 *
 * `code`, `message`, `help`, `path` and `labels` are those of the first fault. Uncaught, it prints
 * each place in the source, and what to do next.
 */
export class GlasskeyError extends Error {
  private constructor()
  readonly code: ErrorCode
  readonly help: string | undefined
  /** Where in the input document, such as `scope[0].action`. */
  readonly path: string | undefined
  /** Where in source files. */
  readonly labels: Label[]
  /** Every fault, as plain data. */
  readonly errors: ErrorData[]
  /** Every fault as people read it. */
  readonly report: string
}

/** Compiles the pack in a folder: its `bundle.toml`, `*.cedar` and `*.cedarschema`. */
export function load(pack: string): Bundle
/** As `load`, off the main thread. */
export function loadAsync(pack: string): Promise<Bundle>
/** Decides a request: permit, pending or deny, with what follows from it. */
export function decide(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): Decision
/** As `decide`, but only the answer, until when, and its duties: much the quickest. */
export function answer(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): Verdict
/** As `decide`, for what nobody records: without `evaluation_id` and `evidence`. */
export function decideWithReasons(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): Decision
/** Everybody who would be permitted what is asked for, or could be once seats are filled. */
export function whoCan(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): Found[]
/** Everything that the request's principal would be permitted, or could be once seats are filled. */
export function whatCan(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): Found[]
/** As `decide`, with the decision as canonical JSON text (RFC 8785). */
export function decideJson(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): string
/**
 * Decides many requests at one instant, on all cores and off the main thread, in the order given.
 * A malformed request is an item with an `error`; it does not fail the batch.
 */
export function decideMany(
  bundle: Bundle,
  facts: Facts,
  requests: Iterable<Ask>,
  now?: Instant,
  options?: { signal?: AbortSignal },
): Promise<Item[]>
/** As `decide`, with all that the decision followed from. */
export function decideWithEvidence(
  bundle: Bundle,
  facts: Facts,
  request: Ask,
  now?: Instant,
): { decision: Decision; evidence: Evidence }
/** Decides again from a decision's evidence alone. */
export function decideAgain(bundle: Bundle, evidence: Evidence | Json): Decision
/** As `decide`, with every rule that was considered and the first condition that failed. */
export function explain(bundle: Bundle, facts: Facts, request: Ask, now?: Instant): Explanation
/** The RFC 8785 text of a value, or of JSON text given as bytes. */
export function canonical(document: unknown): string
/** The digest of the RFC 8785 text of a value, or of JSON text given as bytes. */
export function digest(document: unknown): Digest
/** The catalogues: each code, and when it is given. */
export function catalogue(): Catalogue
/**
 * Reads a ledger to its first fault: its text, its bytes, or chunks of bytes cut anywhere.
 * `checkpoints` are older ones that it is held to, as notes signed by one of `keys`.
 */
export function verify(
  ledger: Json | Iterable<Uint8Array>,
  options?: { checkpoints?: string[]; keys?: string[]; resume?: Ledger },
): VerifyReport
/** The checkpoint of a `.tlog-proof`, once it proves that the entry is in the ledger. */
export function verifyProof(proof: string, entry: Entry | Json, keys: string[]): Checkpoint
/** What a lifecycle did, put together again from the entries of a ledger. */
export function records(ledger: Json): Recorded[]
/** Every decision in a ledger that does not follow from its evidence. */
export function replay(ledger: Json, bundles: Iterable<Bundle>): Divergence[]
/**
 * Who held what, why, from when until when: of one incident, or of all; as of an instant, or of the
 * last record.
 */
export function timeline(ledger: Json, about?: { incident?: string; asOf?: Instant }): Timeline
/**
 * What is left at an instant: privilege that is in force, and what has ended and was not confirmed to
 * have ended.
 */
export function residual(ledger: Json, now?: Instant): Residual[]
/** What another bundle would have made of each decision in a ledger. */
export function counterfactual(ledger: Json, bundle: Bundle): Counterfactual[]
/** The `.tlog-proof` of an entry, for the tree of a checkpoint's note. */
export function prove(ledger: Json, index: number, checkpoint: string): string
/** The note of a text, or a note itself, with what the host's signer made of the text. */
export function signNote(note: string, key: string, signature: Uint8Array): string
/**
 * A body without the values at some paths, and what opens them again. `seed` is 32 random bytes of
 * a cryptographic source, new ones for every body.
 */
export function redact(
  body: unknown,
  paths: string[],
  seed: Uint8Array,
): { body: unknown; disclosures: Disclosure[] }
/** A body with disclosed values back in their places, each proven to be the one that was meant. */
export function disclose(body: unknown, disclosures: Disclosure[]): unknown
/** What a signed envelope says of a bundle, once one of `keys` signed it and the files are those. */
export function verifyBundle(
  files: Record<string, string | Uint8Array>,
  envelope: Json,
  keys: string[],
): Predicate
