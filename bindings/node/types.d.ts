/**
 * The shapes of Glasskey's plain data, as they stand on the wire.
 *
 * What goes in may be looser than what comes out: an instant may be a `Date`. What comes out is
 * always text.
 *
 * Made by `cargo xtask shapes` from the types of the core.
 */

/** RFC 3339 text with a zone, or a `Date`. */
export type Instant = string | Date

/** Text as Cedar writes durations, like `1h30m`. */
export type Span = string

/**
 * The name of one entity; on the wire as Cedar writes it, `Glasskey::Person::"ann"`.
 *
 * It is hashed once, when it is read, and a clone shares the text: so telling two apart, and
 * finding one among many, costs no more than comparing two numbers.
 */
export type Uid = string

/** One action on one target. */
export interface Pair {
  /** The action, such as `Ops::Action::"restart"`. */
  action: Uid
  /** The target, such as `Glasskey::System::"pay-db"`. */
  resource: Uid
}

/**
 * A support that a request names: `{"incident":"INC-100","epoch":1}`, `{"shift":"S-7"}`,
 * `{"window":"CHG-3"}` or `{"task":"T-55"}`.
 *
 * An incident without an epoch means the epoch that is current when it is decided.
 */
export interface Support {
  /** The incident's id. */
  incident?: string
  /** The incident's epoch that is meant; the current one, if not given. */
  epoch?: number
  /** The shift's id. */
  shift?: string
  /** The window's id. */
  window?: string
  /** The task's id. */
  task?: string
}

/** A SHA-256 digest; on the wire `sha256:` and 64 lower-case hex digits. */
export type Digest = string

/** An approval that was given, as the host recorded it. */
export interface Approval {
  /** Who approved: a uid, or an alias that the facts know. */
  by: string
  /** When. */
  at: Instant
  /** The digest of exactly the ask that was approved; an approval bound to none does not count. */
  ask?: Digest | null
  /** The one seat that is meant; else any that the approver may fill. */
  seat?: string | null
  /** The longest lifetime that the approver agrees to. */
  max_ttl?: Span | null
  /** When the approval stops counting, if before the rule's `@approval_ttl`. */
  expires_at?: Instant | null
}

/** A request for privilege, or for any other action that a bundle decides. */
export interface RequestDocument {
  /** Who would hold the privilege. */
  principal: Uid
  /** Who asked, if not the principal; may not approve either. */
  requested_by?: Uid | null
  /** The delegation chain, root first, that the principal acts for. */
  via?: Uid[]
  /** What is asked for; every pair must be open under one and the same rule. */
  scope: Pair[]
  /** Why, in the requester's words. */
  purpose?: string
  /** For how long; omitted means the rule's default, never its maximum. */
  ttl?: Span | null
  /** The requester says that it is an emergency; a signal, not an authority. */
  emergency?: boolean
  /** What makes the request valid. */
  supports?: Support[]
  /** The one rule to be used; else the best open one. */
  rule?: string | null
  /** Where the request came in, such as `console` or `slack`. */
  channel?: string
  /** What the pack's `Glasskey::HostContext` asks for. */
  host?: Record<string, unknown>
  /** The approvals given so far. */
  approvals?: Approval[]
}

/** Whether an epoch of an incident still runs. Only `open` supports anything. */
export type IncidentStatus = 'open' | 'closed' | 'merged'

/** An incident as it is reported: members left out keep what is known of the same incident. */
export interface IncidentReport {
  /** The source's id. */
  id?: string
  /** The epoch; a reopened incident without one starts the next. */
  epoch?: number | null
  /** Whether the epoch still runs; open, if nothing is known. */
  status?: IncidentStatus | null
  /** 1 to 5; 5, if nothing is known. */
  severity?: number | null
  /** When the epoch was opened; the time of the report, if nothing is known. */
  opened_at?: Instant | null
  /** What it is about; nothing, if nothing is known. */
  resources?: Uid[] | null
  /** Who works on it. */
  responders?: Uid[] | null
  /** Where the record comes from. */
  source?: string | null
  /** When the record was true; the document's `observed_at`, if not said. */
  observed_at?: Instant | null
}

/** A shift as it is reported: members left out keep what is known of the same shift. */
export interface ShiftReport {
  /** The schedule's id for it. */
  id?: string
  /** Who is on call. */
  person?: Uid | null
  /** First instant. */
  start?: Instant | null
  /** First instant that is no longer in it. */
  end?: Instant | null
  /** What they are on call for. */
  resources?: Uid[] | null
  /** When the record was true; the document's `observed_at`, if not said. */
  observed_at?: Instant | null
}

/** Whether a window may be used at all. */
export type WindowStatus = 'approved' | 'planned' | 'done' | 'cancelled'

/** A window as it is reported: members left out keep what is known of the same window. */
export interface WindowReport {
  /** The change's id. */
  id?: string
  /** Whether it may be used; planned, if nothing is known. */
  status?: WindowStatus | null
  /** First instant. */
  start?: Instant | null
  /** First instant that is no longer in it. */
  end?: Instant | null
  /** What it is about. */
  resources?: Uid[] | null
  /** Who works in it. */
  assignees?: Uid[] | null
  /** When the record was true; the document's `observed_at`, if not said. */
  observed_at?: Instant | null
}

/** How a task stands. Only `open` supports anything. */
export type TaskStatus = 'open' | 'done' | 'failed' | 'timeout'

/** A task as it is reported: members left out keep what is known of the same task. */
export interface TaskReport {
  /** The tracker's id. */
  id?: string
  /** How it stands; open, if nothing is known. */
  status?: TaskStatus | null
  /** When it ends whatever its status. */
  ends_at?: Instant | null
  /** What it is about. */
  resources?: Uid[] | null
  /** Who may work on it. */
  assignees?: Uid[] | null
  /** When the record was true; the document's `observed_at`, if not said. */
  observed_at?: Instant | null
}

/** What one probe says of one thing, such as `idp` is `down`. */
export interface Signal {
  /** What is probed. */
  name: string
  /** How it is, in the pack's own words. */
  state: string
  /** The probe; two probes are independent when their sources differ. */
  source?: string
  /** When it was seen; the document's `observed_at`, if not said. */
  observed_at?: Instant | null
}

/** What a lock holds shut: one entity and all below it, or everything (`*`). */
export type LockTarget = string

/** A lock: while it holds, nothing is granted to or on its target. */
export interface Lock {
  /** What is held shut. */
  target: LockTarget
  /** Why. */
  reason?: string
  /** When it opens by itself; `None` for never. */
  until?: Instant | null
  /** When the lock was known; the document's `observed_at`, if not said. */
  observed_at?: Instant | null
}

/** Counts about one principal; the lifecycle keeps them, a stateless caller supplies them. */
export interface History {
  /** Whose history. */
  principal: Uid
  /** Grants activated in the last 24 hours. */
  grants_24h: number
  /** Extensions so far in the chain that the request would join. */
  extensions: number
  /** Refused requests in the last ten minutes. */
  refusals_10m: number
  /** Reviews of this principal's grants that are overdue. */
  overdue_reviews: number
  /** Emergency grants in the last seven days. */
  emergencies_7d: number
  /** Time already spent in the chain that the request would join. */
  chain: Span
  /** When the counts were true. */
  observed_at?: Instant | null
}

/** What a change takes away. */
export interface Removed {
  /** Entities that no longer exist. */
  entities?: Uid[]
  /** Shifts that were struck off the schedule. */
  shifts?: string[]
  /** Locks that are lifted. */
  locks?: LockTarget[]
  /** Signals, every source of them. */
  signals?: string[]
  /** Aliases that no longer hold. */
  aliases?: string[]
}

/**
 * A snapshot of the world, or what changed since the last one.
 *
 * Records are put by their ids; `remove` takes them away. A record's `observed_at` defaults
 * to the document's.
 */
export interface FactsDocument {
  /** When all this was true; a whole snapshot must say it. */
  observed_at?: Instant | null
  /**
   * When the entities as a whole were true, if at another time. In a change: all entities,
   * those not repeated here included, were confirmed at that time.
   */
  entities_observed_at?: Instant | null
  /** The same for locks. */
  locks_observed_at?: Instant | null
  /** People, machines, groups and targets, in Cedar's JSON. */
  entities?: unknown[]
  /** Incidents. */
  incidents?: IncidentReport[]
  /** On-call shifts. */
  shifts?: ShiftReport[]
  /** Change windows. */
  windows?: WindowReport[]
  /** Tasks. */
  tasks?: TaskReport[]
  /** Signals, by name and source. */
  signals?: Signal[]
  /** Locks, by target. */
  locks?: Lock[]
  /** Other names of persons; letter case does not matter. */
  aliases?: Record<string, Uid>
  /** Histories, by principal. */
  history?: History[]
  /** What is gone. */
  remove?: Removed
}

/** Somebody asks. */
export interface Submit {
  /** For what. */
  request: RequestDocument
  /** When it shall start, if not now. */
  start?: Instant | null
  /** The grant that it is delegated from. */
  parent?: string | null
}

/** Somebody approves a request or an extension. */
export interface Approve {
  /** The request or the extension. */
  request: string
  /** Who: a uid, or an alias that the facts know. */
  by: string
  /** The one seat that is meant. */
  seat?: string | null
  /** The longest lifetime that the approver agrees to. */
  max_ttl?: Span | null
  /** The digest of the ask that the approver saw; the present one, if not given. */
  ask?: Digest | null
}

/** Somebody denies a request or an extension. */
export interface Deny {
  /** The request or the extension. */
  request: string
  /** Who. */
  by: string
  /** Why. */
  reason?: string
}

/** The requester takes the request back. */
export interface Withdraw {
  /** The request. */
  request: string
  /** Who; the principal, if not given. */
  by?: Uid | null
}

/** An approved request becomes a grant. */
export interface Activate {
  /** The request. */
  request: string
  /** How the credential is to be delivered, such as `vault` or `broker`. */
  delivery?: string | null
}

/** Enforcement points put the grant in force. */
export interface Issued {
  /** The grant. */
  grant: string
  /** Where it is in force now; each confirms its own end later. */
  points: string[]
  /** Where the credential is to be found; never the credential itself. */
  credential_ref?: string | null
  /** When the credential dies by itself. */
  expires_at?: Instant | null
}

/** An enforcement point could not put the grant in force. */
export interface IssueFailed {
  /** The grant. */
  grant: string
  /** Where something may have been left behind all the same. */
  points?: string[]
  /** Why. */
  reason?: string
}

/** The holder acts. */
export interface Use {
  /** The grant. */
  grant: string
  /** What is done. */
  action: Uid
  /** On what. */
  resource: Uid
}

/** The holder asks for more time. */
export interface Extend {
  /** The grant. */
  grant: string
  /** For how long from now; the rule's `@extension_ttl`, if not given. */
  ttl?: Span | null
  /** Why. */
  purpose?: string
}

/** Somebody ends the grant. */
export interface Revoke {
  /** The grant. */
  grant: string
  /** Who. */
  by: string
  /** Why. */
  reason?: string
}

/** An enforcement point confirms its end. */
export interface Revoked {
  /** The grant. */
  grant: string
  /** The enforcement point. */
  point: string
}

/** How the work came out. */
export type Outcome = 'done' | 'failed' | 'timeout'

/** The work is over. */
export interface Complete {
  /** The grant. */
  grant: string
  /** How it came out. */
  outcome: Outcome
}

/** What was found. */
export type Finding = 'drift' | 'leak'

/** Somebody found that the target was changed, or the credential leaked. */
export interface Report {
  /** The grant. */
  grant: string
  /** What. */
  finding: Finding
  /** More, in words. */
  detail?: string
}

/** What a review says. */
export type ReviewVerdict = 'accepted' | 'findings'

/** What the emergency was. */
export type Classification = 'drill' | 'actual' | 'misuse'

/** Somebody reviews the grant. */
export interface Review {
  /** The grant. */
  grant: string
  /** Who. */
  by: string
  /** What the review says. */
  verdict: ReviewVerdict
  /** What the emergency was. */
  classification: Classification
  /** More, in words. */
  notes?: string
}

/** Somebody accounts for what was done offline. */
export interface Reconcile {
  /** The grant. */
  grant: string
  /** Who. */
  by: string
}

/** Nothing but the time. */
export type Tick = Record<string, never>

/** Facts changed. */
export interface CommandObserve {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  observe: FactsDocument
}

/** Somebody asks. */
export interface CommandSubmit {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  submit: Submit
}

/** Somebody approves a request or an extension. */
export interface CommandApprove {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  approve: Approve
}

/** Somebody denies a request or an extension. */
export interface CommandDeny {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  deny: Deny
}

/** The requester takes the request back. */
export interface CommandWithdraw {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  withdraw: Withdraw
}

/** An approved request becomes a grant. */
export interface CommandActivate {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  activate: Activate
}

/** Enforcement points put the grant in force. */
export interface CommandIssued {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  issued: Issued
}

/** An enforcement point could not. */
export interface CommandIssueFailed {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  issue_failed: IssueFailed
}

/** The holder acts. */
export interface CommandUse {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  use: Use
}

/** The holder asks for more time. */
export interface CommandExtend {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  extend: Extend
}

/** Somebody ends the grant. */
export interface CommandRevoke {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  revoke: Revoke
}

/** An enforcement point confirms its end. */
export interface CommandRevoked {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  revoked: Revoked
}

/** The work is over. */
export interface CommandComplete {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  complete: Complete
}

/** Somebody found that the target was changed, or the credential leaked. */
export interface CommandReport {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  report: Report
}

/** Somebody reviews the grant. */
export interface CommandReview {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  review: Review
}

/** Somebody accounts for what was done offline. */
export interface CommandReconcile {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  reconcile: Reconcile
}

/** Nothing but the time. */
export interface CommandTick {
  /** The same id with the same content gives the same bytes; with other content it is refused. */
  command_id: string
  /** Refuse the command unless the lifecycle is at this sequence number. */
  expect_seq?: number | null
  tick: Tick
}

/**
 * A command: what to do, and a name of the host's own that makes it safe to send again.
 *
 * On the wire `{"command_id":"c-1","submit":{…}}`.
 */
export type Command =
  | CommandObserve
  | CommandSubmit
  | CommandApprove
  | CommandDeny
  | CommandWithdraw
  | CommandActivate
  | CommandIssued
  | CommandIssueFailed
  | CommandUse
  | CommandExtend
  | CommandRevoke
  | CommandRevoked
  | CommandComplete
  | CommandReport
  | CommandReview
  | CommandReconcile
  | CommandTick

/** What went wrong, by name. */
export type ErrorCode =
  | 'bad_json'
  | 'duplicate_member'
  | 'unknown_member'
  | 'missing_member'
  | 'wrong_type'
  | 'bad_number'
  | 'too_large'
  | 'too_deep'
  | 'too_many'
  | 'empty'
  | 'bad_uid'
  | 'bad_instant'
  | 'bad_duration'
  | 'bad_digest'
  | 'bad_value'
  | 'duplicate_id'
  | 'bad_interval'
  | 'bad_entity'
  | 'entity_cycle'
  | 'alias_conflict'
  | 'no_manifest'
  | 'bad_manifest'
  | 'unknown_file'
  | 'not_text'
  | 'bad_schema'
  | 'bad_policy'
  | 'invalid_policy'
  | 'template_not_allowed'
  | 'missing_id'
  | 'duplicate_policy_id'
  | 'missing_term'
  | 'unknown_annotation'
  | 'bad_annotation'
  | 'misplaced_annotation'
  | 'permit_reads_offer'
  | 'unknown_seat'
  | 'actor_kind_unnamed'
  | 'quorum_decreases'
  | 'unknown_entity_type'
  | 'not_compilable'
  | 'bad_compiled'
  | 'no_policies'
  | 'missing_base'
  | 'unknown_policy'
  | 'weakens_base'
  | 'schema_mismatch'
  | 'bad_command'
  | 'command_conflict'
  | 'answer_forgotten'
  | 'sequence_conflict'
  | 'unknown_request'
  | 'unknown_grant'
  | 'unknown_point'
  | 'bad_record'
  | 'unknown_bundle'
  | 'secret_in_input'
  | 'bad_kind'
  | 'bad_origin'
  | 'bad_genesis'
  | 'not_canonical'
  | 'entry_altered'
  | 'entry_missing'
  | 'entry_misplaced'
  | 'link_broken'
  | 'time_backwards'
  | 'checkpoint_mismatch'
  | 'ledger_truncated'
  | 'no_such_entry'
  | 'bad_frontier'
  | 'bad_checkpoint'
  | 'bad_base64'
  | 'bad_key'
  | 'bad_note'
  | 'bad_signature'
  | 'unknown_signer'
  | 'bad_envelope'
  | 'bad_statement'
  | 'unsigned'
  | 'subject_mismatch'
  | 'bad_proof'
  | 'proof_fails'
  | 'redacted'
  | 'bad_disclosure'

/**
 * A place in a source text: where to look, and what stands there.
 *
 * `line` and `column` count from 1, `column` and `length` in characters.
 */
export interface Label {
  /** The file's name as the caller gave it. */
  file: string
  /** Line, from 1. */
  line: number
  /** Column in characters, from 1. */
  column: number
  /** Length in characters; 0 marks a point. */
  length: number
  /** The source line that the label points into. */
  text: string
}

/** One fault of an input: a stable code, what is wrong, and what to do next. */
export interface ErrorData {
  /** The code, for programs. */
  code: ErrorCode
  /** What is wrong, for people. */
  message: string
  /** What to do next. */
  help?: string
  /** Where in the input document, such as `scope[0].action`. */
  path?: string
  /** Where in source files. */
  labels: Label[]
}

/** Yes, not yet, or no. */
export type Answer = 'permit' | 'pending' | 'deny'

/** What ends a grant, or the validity of a decision. */
export type Limit =
  | 'rule_ttl'
  | 'requested_ttl'
  | 'approver_ttl'
  | 'chain_max'
  | 'shift_end'
  | 'window_end'
  | 'task_end'
  | 'contract_end'
  | 'parent_end'
  | 'idle'
  | 'revocation_slo'
  | 'incident_freshness'
  | 'shift_freshness'
  | 'window_freshness'
  | 'task_freshness'
  | 'signal_freshness'
  | 'history_freshness'
  | 'entities_freshness'
  | 'locks_freshness'
  | 'approval_expiry'
  | 'lock_expiry'
  | 'support_start'
  | 'record_start'
  | 'policy_time'

/**
 * One duty: a type, and whom or what it concerns: `notify:secops`.
 *
 * An enforcement point that does not know a type must treat the permit as a deny.
 */
export interface Obligation {
  /** What to do. */
  type: string
  /** Whom or what it concerns. */
  to?: string | null
}

/** A reason by name. */
export type ReasonCode =
  | 'permitted'
  | 'approvals_missing'
  | 'locked'
  | 'not_a_person'
  | 'unknown_principal'
  | 'unknown_resource'
  | 'unknown_action'
  | 'not_applicable'
  | 'bad_host_context'
  | 'schema_mismatch'
  | 'clock_suspect'
  | 'actor_kind'
  | 'support_not_found'
  | 'incident_closed'
  | 'incident_merged'
  | 'incident_epoch'
  | 'out_of_incident_scope'
  | 'shift_not_started'
  | 'shift_ended'
  | 'shift_of_another'
  | 'out_of_shift_scope'
  | 'outside_window'
  | 'window_not_usable'
  | 'out_of_window_scope'
  | 'task_done'
  | 'task_failed'
  | 'task_timeout'
  | 'task_of_another'
  | 'out_of_task_scope'
  | 'fact_unknown'
  | 'forbidden'
  | 'policy_error'
  | 'not_permitted'
  | 'unknown_rule'
  | 'no_common_rule'
  | 'quorum_unreachable'
  | 'no_time_left'
  | 'approver_unknown'
  | 'approver_conflict'
  | 'approver_not_eligible'
  | 'approval_expired'
  | 'approval_unbound'
  | 'approval_surplus'
  | 'not_privileged'
  | 'quarantined'
  | 'parent_not_active'
  | 'beyond_parent'
  | 'held_by_other'
  | 'reconcile_debt'
  | 'request_over'
  | 'not_requester'
  | 'not_yet'
  | 'delivery_not_allowed'
  | 'credential_too_long'
  | 'grant_not_active'
  | 'grant_not_issuing'
  | 'grant_frozen'
  | 'grant_ended'
  | 'out_of_scope'
  | 'uses_exhausted'
  | 'extension_not_open'
  | 'extension_pending'
  | 'extensions_exhausted'
  | 'nothing_to_extend'
  | 'no_review_open'
  | 'already_reviewed'
  | 'reviewer_conflict'
  | 'nothing_to_reconcile'

/** One reason, and what it is about. */
export interface Reason {
  /** Which. */
  code: ReasonCode
  /** The policy that it comes from. */
  policy?: string
  /** The pair of the scope that it is about, when not all of them. */
  pair?: Pair
  /** The support that it is about. */
  support?: Support
  /** The fact that it is about. */
  fact?: string
  /** The entity that it is about: an approver, a locked target. */
  entity?: Uid
  /** More, in words. */
  detail?: string
  /** What the policy's author advises. */
  advice?: string
}

/** Who could fill a seat. */
export interface Candidates {
  /** The seat. */
  seat: string
  /** Who may fill it, in order of their uids. */
  candidates: Uid[]
  /** There are others besides. */
  more?: boolean
}

/** A seat to be filled by one more person. */
export interface MissingSeat {
  type: 'seat'
  /** The rule that asks for it. */
  rule: string
  /** The seat. */
  seat: string
  /** Who may fill it, in order of their uids. */
  candidates: Uid[]
  /** There are others besides. */
  more?: boolean
  /** Seats that could be filled instead, since an approver could move over. */
  or?: Candidates[]
}

/** A fact to be brought up to date. */
export interface MissingFact {
  type: 'fact'
  /** The rule that reads it, if one alone does. */
  rule?: string
  /** Which: `incident:INC-100`, `signal:idp`, `history`, `entities`. */
  fact: string
  /** How old it may be. */
  max_age?: string
}

/** The kinds of supports, in their fixed order. */
export type SupportKind = 'incident' | 'shift' | 'window' | 'task'

/** A live support of this kind that covers the resource. */
export interface MissingSupport {
  type: 'support'
  /** Which kind. */
  kind: SupportKind
  /** What it must cover. */
  resource: Uid
}

/** A pair that must be dropped for the others to be open. */
export interface MissingDrop {
  type: 'drop'
  /** The pair. */
  pair: Pair
}

/** Time: nothing else can help before. */
export interface MissingWait {
  type: 'wait'
  /** Until when. */
  until: string
}

/**
 * One thing that would bring the answer nearer to a permit. Items of one rule are needed
 * together; items of different rules are alternatives.
 */
export type Missing = MissingSeat | MissingFact | MissingSupport | MissingDrop | MissingWait

/** A seat and who fills it. */
export interface SeatFilled {
  /** The seat. */
  seat: string
  /** The person. */
  by: Uid
}

/** What the asker can do about the answer. */
export type NextAction = 'none' | 'request' | 'retry'

/**
 * The answer to one request at one instant.
 *
 * Equal bundle, facts, request and `now` give equal bytes, in every language.
 */
export interface Decision {
  /** Yes, not yet, or no. */
  decision: Answer
  /** The open rule that scope, time and quorum come from. */
  rule?: string
  /** When a grant activated now would end. */
  ends_at?: string
  /** The limit that ends it first. */
  ends_by?: Limit
  /** Until when this answer holds without being asked again. */
  valid_until?: string
  /** What ends its validity first. */
  valid_by?: Limit
  /** What the enforcement point must do. */
  obligations: Obligation[]
  /** Why. */
  reasons: Reason[]
  /** What would change it. */
  missing: Missing[]
  /** Seats that are filled. */
  seats?: SeatFilled[]
  /** What the asker can do. */
  next_action: NextAction
  /** What an approval must be bound to. */
  ask?: Digest
  /** Permits that erred and were ignored. */
  warnings?: Reason[]
  /** Names this evaluation: equal inputs, equal id. Absent if no evidence was asked for. */
  evaluation_id?: string
  /** The bundle's digest. */
  bundle: Digest
  /** Who signed the bundle, if the host demanded a signature: names and ids of keys. */
  signed_by?: string[]
  /** The digest of the facts that were read. Absent if no evidence was asked for. */
  evidence?: Digest
}

/** What became of a rule that was considered. */
export type FailedAt =
  | 'open'
  | 'actor_kind'
  | 'scope'
  | 'unknown_fact'
  | 'condition'
  | 'error'
  | 'refused'
  | 'other_pairs'
  | 'not_needed'

/** One rule, and how far it came. */
export interface Considered {
  /** The rule. */
  rule: string
  /** Its title. */
  title?: string
  /** Where it stopped. */
  outcome: FailedAt
  /** The pair that it stopped at. */
  pair?: Pair
  /** The first condition that does not hold, or the scope, in the source. */
  failed?: Label
  /** Facts that are unknown, and guardrails that refuse. */
  because?: string[]
}

/** Until when something holds, and what ends that. */
export interface Validity {
  /** The first instant at which it might be otherwise. */
  at: string
  /** What ends it. */
  by: Limit
}

/** A decision, and every rule that was considered for it. */
export interface Explanation {
  /** The decision. */
  decision: Decision
  /** The rules, best first. */
  considered: Considered[]
  /** Every limit on a grant under the open rule, activated now: the first one ends it. */
  limits?: Validity[]
}

/** All that a decision followed from: enough to decide again, and no more. */
export interface Evidence {
  /** The bundle's digest. */
  bundle: Digest
  /** Who signed the bundle, if the host demanded a signature. */
  signed_by?: string[]
  /** The request as it was decided. */
  request: RequestDocument
  /** The instant that it was decided for. */
  now: string
  /** What surrounded it, if it was decided in the course of a lifecycle. */
  circumstances?: Record<string, unknown>
  /** The facts that were read, as a facts document. */
  facts: FactsDocument
}

/** A record that a change left out of account, since it is about the past. */
export interface Ignored {
  /** Which, such as `incident:INC-9`. */
  fact: string
  /** Why. */
  why: string
}

/** What a manifest says of the pack that it extends. */
export interface Extends {
  /** Where the base's files stand, relative to the pack: `../starter`. */
  pack: string
  /** Policies of the base that the pack does without. */
  drop?: string[]
  /** Terms of the base's rules, by rule: annotations, as they would stand in the policy. */
  terms?: Record<string, Record<string, string>>
  /** What is weaker than in the base, each with the reason. */
  weaken?: Record<string, string>
}

/** What kind of principal somebody is; each has rules of its own. */
export type ActorKind = 'person' | 'service' | 'agent'

/** How old each kind of fact may be before it counts as unknown. */
export interface Freshness {
  /** How far the clocks of host and source may be apart. */
  skew: string
  /** Incidents. */
  incident: string
  /** Shifts. */
  shift: string
  /** Windows. */
  window: string
  /** Tasks. */
  task: string
  /** Signals. */
  signal: string
  /** Histories. */
  history: string
  /** Entities: people, groups, targets. */
  entities: string
  /** Locks; no limit unless one is given. */
  locks?: string
}

/** What holds where a rule says nothing, and what no rule says. */
export interface Defaults {
  /** `@ttl`. */
  ttl: string
  /** `@pending`. */
  pending: string
  /** `@approval_ttl`. */
  approval_ttl: string
  /** `@extension_ttl`. */
  extension_ttl: string
  /** How long before the end an extension may be asked for. */
  extension_window: string
  /** Within this time after a grant's end, the same ask on the same incident joins its chain. */
  cooldown: string
  /** How long a credential may live where it cannot be revoked. */
  revocation_slo: string
  /** How long an enforcement point has to issue. */
  issue_deadline: string
  /** How long an enforcement point has to confirm an end. */
  revoke_deadline: string
}

/** What the manifest says, with its defaults filled in. */
export interface Manifest {
  /** The pack's name. */
  name: string
  /** The pack's version. */
  version: string
  /** What the pack is for. */
  description: string
  /** The pack that this one extends. */
  extends?: Extends
  /** Which kind of actor each entity type is; the base types are always there. */
  actors: Record<string, ActorKind>
  /** The seats that quorums may name, each with a word on who sits there. */
  seats: Record<string, string>
  /** How old facts may be. */
  freshness: Freshness
  /** What holds where a rule says nothing. */
  defaults: Defaults
}

/** Seats by name, and how many people sit in each. */
export type Quorum = string

/** Actions in `Glasskey::Action::"handover"` stay allowed for this long. */
export interface HandoverGrace {
  grace: string
}

/** What happens to a grant when the shift that supports it ends. */
export type Handover = 'cut' | HandoverGrace

/** What a rule offers, and on which terms. */
export interface Terms {
  /** `@ttl`: the lifetime when none is asked for. */
  ttl: string
  /** `@max_ttl`: the longest lifetime. */
  max_ttl: string
  /** `@quorum`: the seats to be filled. */
  quorum: Quorum
  /** `@priority`: higher is tried first. */
  priority: number
  /** `@pending`: time to gather approvals. */
  pending: string
  /** `@approval_ttl`: how long an approval counts. */
  approval_ttl: string
  /** `@idle`: how long a grant may go unused. */
  idle: string | null
  /** `@uses`: how often a grant may be used. */
  uses: number | null
  /** `@extensions`: how often a grant may be extended. */
  extensions: number
  /** `@extension_ttl`: how long one extension lasts, from its activation. */
  extension_ttl: string
  /** `@extension_quorum`: the seats by ordinal; the last repeats. */
  extension_quorum: Quorum[]
  /** `@chain_max`: how long a chain of grants and extensions may last in all. */
  chain_max: string | null
  /** `@handover`. */
  handover: Handover
  /** `@obligations`. */
  obligations: Obligation[]
  /** `@review`: until when after the end a review is due. */
  review: string | null
}

/** One policy in outline. */
export interface PolicyOutline {
  /** `@id`. */
  id: string
  /** `@title`. */
  title?: string
  /** `@advice`. */
  advice?: string
  /** `@controls`. */
  controls?: string[]
  /** The file that it stands in. */
  file: string
  /** For permits: the kinds of actors that it is for. */
  kinds?: ActorKind[]
  /** For privileged permits: the terms. */
  terms?: Terms
  /** For permits: the obligations. */
  obligations?: Obligation[]
}

/** One action in outline. */
export interface ActionOutline {
  /** The action. */
  action: Uid
  /** Whether its permits are rules with terms. */
  privileged: boolean
}

/** A bundle in outline. */
export interface Outline {
  /** The digest that names the bundle. */
  digest: Digest
  /** Its manifest, with the defaults filled in. */
  manifest: Manifest
  /** Its permits, in the order in which they are tried. */
  rules: PolicyOutline[]
  /** Its forbids, in order of their ids. */
  guards: PolicyOutline[]
  /** The actions of its schema. */
  actions: ActionOutline[]
  /** What Cedar's validator warns of. */
  warnings: ErrorData[]
}

/** Why a grant ended, or a request became void. */
export type Cause =
  | 'expired'
  | 'idle'
  | 'uses_exhausted'
  | 'incident_closed'
  | 'incident_downgraded'
  | 'incident_merged'
  | 'shift_ended'
  | 'shift_swapped'
  | 'window_ended'
  | 'task_done'
  | 'task_failed'
  | 'task_timeout'
  | 'contract_ended'
  | 'requester_ineligible'
  | 'locked'
  | 'revoked_by_requester'
  | 'revoked_by_approver'
  | 'revoked_by_commander'
  | 'revoked_by_security'
  | 'policy_tightened'
  | 'parent_ended'
  | 'drift'
  | 'leak'
  | 'governor_recovered'
  | 'issue_failed'

/** A grant that ended in a step. */
export interface Ended {
  /** The grant. */
  grant: string
  /** Why. */
  cause: Cause
  /** When. */
  at: string
}

/** Facts changed. */
export interface EventObserved {
  type: 'observed'
  /** How. */
  facts: FactsDocument
  /** Records that were about the past. */
  ignored?: string[]
}

/** Another bundle decides from now on. */
export interface EventBundleChanged {
  type: 'bundle_changed'
  /** The one before. */
  from: Digest
  /** The new one. */
  to: Digest
}

/** The clock went back; nothing is permitted until it has caught up. */
export interface EventClockSuspect {
  type: 'clock_suspect'
  /** By how much. */
  behind: string
}

/** Where a request stands. */
export type RequestPhase =
  | 'pending'
  | 'approved'
  | 'scheduled'
  | 'consumed'
  | 'refused'
  | 'denied'
  | 'withdrawn'
  | 'timed_out'
  | 'lapsed'
  | 'void'

/** An ask, and its life until activation. */
export interface RequestRecord {
  /** Its name: a digest. */
  id: string
  /** What is asked for, with the epochs of its incidents bound and the approvals so far. */
  ask: RequestDocument
  /** Where it stands. */
  phase: RequestPhase
  /** The rule that it would be granted under. */
  rule: string | null
  /** What approvals must be bound to. */
  digest: Digest | null
  /** When it was made. */
  submitted_at: string
  /** Until when seats may be filled. */
  pending_until: string
  /** Until when it may be activated. */
  approved_until: string | null
  /** From when it may be activated, if not at once. */
  start: string | null
  /** The grant that it is delegated from. */
  parent: string | null
  /** The chains that it belongs to. */
  chains: string[]
  /** Its place in the chain, if it joined one; 0 if it began one. */
  ordinal: number
  /** Why it is void. */
  cause: Cause | null
  /** The grant that came of it. */
  grant: string | null
  /** When it must be looked at again. */
  valid_until: string | null
}

/** Somebody asked. */
export interface EventSubmitted {
  type: 'submitted'
  /** The request. */
  record: RequestRecord
}

/** Somebody approved. */
export interface EventApprovalRecorded {
  type: 'approval_recorded'
  /** The request or the extension. */
  request: string
  /** The approval. */
  approval: Approval
  /** Whether it counts. */
  counted: boolean
  /** Why not. */
  reason?: Reason
}

/** A request moved. */
export interface EventRequestMoved {
  type: 'request_moved'
  /** The request. */
  request: string
  /** Where to. */
  to: RequestPhase
  /** Why, if it became void. */
  cause?: Cause
  /** By whom. */
  by?: string
  /** Until when it may be activated. */
  until?: string
  /** More, in words. */
  detail?: string
}

/** Something was granted in the chains of a request since it was made, so it moves up. */
export interface EventJoined {
  type: 'joined'
  /** The request. */
  request: string
  /** Its new place. */
  ordinal: number
}

/** A request was looked at again. */
export interface EventRequestChecked {
  type: 'request_checked'
  /** The request. */
  request: string
  /** Until when that holds. */
  valid_until: string | null
  /** What approvals must be bound to now. */
  digest: Digest | null
}

/** Where a grant stands. */
export type GrantPhase = 'issuing' | 'active' | 'frozen' | 'revoking' | 'closed'

/** One place where a grant is in force. */
export interface Point {
  /** By when its end is to be confirmed. */
  confirm_by: string | null
  /** When it was. */
  confirmed_at: string | null
  /** What is there was not accepted, and is to be taken away whatever becomes of the grant. */
  stray?: boolean
  /** The confirmation did not come in time. */
  late?: boolean
}

/** What sticks to a grant, whatever happens after. */
export type Flag =
  | 'revocation_unconfirmed'
  | 'externally_modified'
  | 'review_due'
  | 'review_overdue'
  | 'reconcile_due'

/** How often more time was asked for in a chain: what a reviewer is to look at. */
export interface ExtensionRatio {
  /** Extensions asked for, and requests that joined the chain as one. */
  attempts: number
  /** Those that were granted. */
  granted: number
  /** Within which time, from the first grant of the chain on. */
  within: string
}

/** A review that was made. */
export interface ReviewRecord {
  /** By whom. */
  by: Uid
  /** When. */
  at: string
  /** What it says. */
  verdict: ReviewVerdict
  /** What the emergency was. */
  classification: Classification
  /** More, in words. */
  notes: string
  /** How often more time had been asked for by then, if it was. */
  extension_ratio?: ExtensionRatio
}

/** A privilege, and its life until its confirmed end. */
export interface Grant {
  /** Its name: a digest. */
  id: string
  /** The number of the record that made it. */
  seq: number
  /** The request that it came of. */
  request: string
  /** Its rule. */
  rule: string
  /** Who holds it. */
  principal: Uid
  /** The holder, its operator and its delegation chain: whom its life depends on. */
  actors: Uid[]
  /** What it is for. */
  scope: Pair[]
  /** What it stands on. */
  supports: Support[]
  /** Whether it was asked for as an emergency. */
  emergency: boolean
  /** The grant that it is delegated from. */
  parent: string | null
  /** The chains that it belongs to. */
  chains: string[]
  /** Where it stands. */
  phase: GrantPhase
  /** When it was activated. */
  started: string
  /** When it ends at the latest. */
  ends_at: string
  /** The limit that ends it then. */
  ends_by: Limit
  /** How long it may go unused. */
  idle: string | null
  /** When it was last used. */
  last_use: string | null
  /** How often it was used. */
  uses: number
  /** How often it may be used. */
  uses_max: number | null
  /** Duties of the enforcement points. */
  obligations: Obligation[]
  /** Who sat in the seats. */
  approvers: Uid[]
  /** Who sat in the seats of its last extension. */
  extension_approvers: Uid[]
  /** When its last extension was asked for. */
  extended_at: string | null
  /** By when it must be in force. */
  issue_by: string
  /** Where it is in force. */
  points: Record<string, Point>
  /** Where its credential is to be found. */
  credential_ref: string | null
  /** When its credential dies by itself. */
  credential_expires_at: string | null
  /** Whether its credential can be taken back. */
  revocable: boolean
  /** Why it ended. */
  cause: Cause | null
  /** What would have ended it besides, later or at the same instant. */
  also: Cause[]
  /** When it stopped being usable; from then on enforcement points are asked to confirm. */
  revoking_at: string | null
  /** When its end was confirmed everywhere; never claimed before. */
  ended_at: string | null
  /** What sticks to it. */
  flags: Flag[]
  /** How long after its end, or its first emergency use, a review is due. */
  review_within: string | null
  /** When its review is due. */
  review_by: string | null
  /** Its review. */
  review: ReviewRecord | null
  /** Until when the last decision on it holds. */
  valid_until: string | null
}

/** A request became a grant. */
export interface EventActivated {
  type: 'activated'
  /** The grant. */
  grant: Grant
  /** Its place in the chain. */
  ordinal: number
}

/** The grant is in force. */
export interface EventIssued {
  type: 'issued'
  /** The grant. */
  grant: string
  /** Where. */
  points: string[]
  /** Where its credential is to be found. */
  credential_ref?: string
  /** When its credential dies by itself. */
  credential_expires_at?: string
}

/** What was issued cannot be accepted, or came too late. */
export interface EventIssueRejected {
  type: 'issue_rejected'
  /** The grant. */
  grant: string
  /** Where. */
  points: string[]
  /** By when it is to be taken away, if the grant has ended. */
  confirm_by?: string
  /** Why. */
  reason: string
}

/** The grant was looked at again, and goes on. */
export interface EventGrantChecked {
  type: 'grant_checked'
  /** The grant. */
  grant: string
  /** Until when that holds. */
  valid_until: string | null
}

/** The grant froze or thawed, or its end was confirmed everywhere. */
export interface EventGrantMoved {
  type: 'grant_moved'
  /** The grant. */
  grant: string
  /** Where to. */
  to: GrantPhase
  /** When. */
  at: string
}

/** The grant ends sooner than it would have. */
export interface EventShortened {
  type: 'shortened'
  /** The grant. */
  grant: string
  /** When. */
  ends_at: string
  /** By which limit. */
  ends_by: Limit
}

/** Another bundle allows less of it. */
export interface EventTightened {
  type: 'tightened'
  /** The grant. */
  grant: string
  /** How long it may go unused. */
  idle?: string
  /** How often it may be used. */
  uses_max?: number
}

/** The holder acted, or tried to. */
export interface EventUsed {
  type: 'used'
  /** The grant. */
  grant: string
  /** What was done, and on what. */
  pair: Pair
  /** Whether it was permitted. */
  permitted: boolean
  /** When. */
  at: string
}

/** An ask for more time. */
export interface Extension {
  /** Its name: a digest. */
  id: string
  /** The grant. */
  grant: string
  /** Its place in the chain, from 1. */
  ordinal: number
  /** When it was asked for; the new time counts from here. */
  asked_at: string
  /** The new end. */
  ends_at: string
  /** The limit that ends it then. */
  ends_by: Limit
  /** What approvals must be bound to besides the ask. */
  bound: Digest
  /** What approvals must be bound to. */
  digest: Digest | null
  /** The approvals so far. */
  approvals: Approval[]
  /** Where it stands; `consumed` when the time was added. */
  phase: RequestPhase
}

/** The holder asked for more time. */
export interface EventExtensionAsked {
  type: 'extension_asked'
  /** The extension. */
  extension: Extension
}

/** An extension moved. */
export interface EventExtensionMoved {
  type: 'extension_moved'
  /** The extension. */
  extension: string
  /** Where to. */
  to: RequestPhase
  /** Who sat in its seats. */
  approvers?: Uid[]
}

/** The grant ended; its enforcement points have yet to confirm. */
export interface EventEnded {
  type: 'ended'
  /** The grant. */
  grant: string
  /** Why. */
  cause: Cause
  /** When. */
  at: string
  /** Who ended it, where somebody did. */
  by?: string
  /** What has to confirm, and by when. */
  points: Record<string, string>
}

/** Something else would have ended it too. */
export interface EventAlsoEnded {
  type: 'also_ended'
  /** The grant. */
  grant: string
  /** What. */
  cause: Cause
}

/** What a grant that ended has in force at a point is another's from now on. */
export interface EventRetained {
  type: 'retained'
  /** The grant that ended. */
  grant: string
  /** The enforcement point. */
  point: string
  /** The grant that answers for it. */
  by: string
}

/** An enforcement point did not confirm its end in time. */
export interface EventLate {
  type: 'late'
  /** The grant. */
  grant: string
  /** The enforcement point. */
  point: string
}

/** An enforcement point confirmed its end. */
export interface EventConfirmed {
  type: 'confirmed'
  /** The grant. */
  grant: string
  /** The enforcement point. */
  point: string
  /** When. */
  at: string
}

/** Something sticks to the grant from now on. */
export interface EventFlagged {
  type: 'flagged'
  /** The grant. */
  grant: string
  /** What. */
  flag: Flag
}

/** A review is due. */
export interface EventReviewOpened {
  type: 'review_opened'
  /** The grant. */
  grant: string
  /** When. */
  due_by: string
}

/** The grant was reviewed. */
export interface EventReviewed {
  type: 'reviewed'
  /** The grant. */
  grant: string
  /** How. */
  review: ReviewRecord
}

/** What was done offline was accounted for. */
export interface EventReconciled {
  type: 'reconciled'
  /** The grant. */
  grant: string
  /** By whom. */
  by: string
}

/** One thing that happened. */
export type Event =
  | EventObserved
  | EventBundleChanged
  | EventClockSuspect
  | EventSubmitted
  | EventApprovalRecorded
  | EventRequestMoved
  | EventJoined
  | EventRequestChecked
  | EventActivated
  | EventIssued
  | EventIssueRejected
  | EventGrantChecked
  | EventGrantMoved
  | EventShortened
  | EventTightened
  | EventUsed
  | EventExtensionAsked
  | EventExtensionMoved
  | EventEnded
  | EventAlsoEnded
  | EventRetained
  | EventLate
  | EventConfirmed
  | EventFlagged
  | EventReviewOpened
  | EventReviewed
  | EventReconciled

/** Put the grant in force, or prolong it, and answer with `issued` or `issue_failed`. */
export interface EffectIssue {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'issue'
  /** The grant. */
  grant: string
  /** For whom. */
  principal: Uid
  /** What. */
  scope: Pair[]
  /** Until when. */
  ends_at: string
  /** No credential may live longer than this. */
  credential_expires_by: string
  /** Duties of the enforcement points. */
  obligations: Obligation[]
}

/** End the grant at this enforcement point, and answer with `revoked`. */
export interface EffectRevoke {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'revoke'
  /** The grant. */
  grant: string
  /** The enforcement point. */
  point: string
  /** What is to end: the part of the scope that no other grant covers. */
  scope: Pair[]
  /** Why. */
  cause: Cause
}

/** Leave the entitlement in force: another grant of the same holder covers all of it. */
export interface EffectRetain {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'retain'
  /** The grant that ended. */
  grant: string
  /** The enforcement point. */
  point: string
  /** The grant that goes on. */
  by: string
}

/** Undo what may have been left behind. */
export interface EffectCompensate {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'compensate'
  /** The grant. */
  grant: string
  /** Where. */
  point: string
  /** Why. */
  reason: string
}

/** Tell those who watch. */
export interface EffectAlert {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'alert'
  /** About what: a grant or a request. */
  about: string
  /** Why. */
  reason: string
}

/** Wake somebody. */
export interface EffectPage {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'page'
  /** About what: a grant or a request. */
  about: string
  /** Why. */
  reason: string
}

/** Tell those whose approval was not asked for that access was taken without them. */
export interface EffectNotifySkippedApprovers {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'notify_skipped_approvers'
  /** The request. */
  request: string
  /** The seats that other rules would have asked for. */
  seats: string[]
}

/** Open a review. */
export interface EffectOpenReview {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'open_review'
  /** The grant. */
  grant: string
  /** Until when it is due. */
  due_by: string
  /** How often more time was asked for, if it was. */
  extension_ratio?: ExtensionRatio
}

/** Change the secret of a shared account, and answer with `revoked` for the point `rotation`. */
export interface EffectRotate {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'rotate'
  /** The grant. */
  grant: string
  /** Of what. */
  scope: Pair[]
}

/** Refuse tokens that were issued before this instant, where they cannot be taken back. */
export interface EffectDenyTokensIssuedBefore {
  /** The same effect has the same key whenever it is asked for. */
  key: string
  /** By when. */
  deadline?: string
  type: 'deny_tokens_issued_before'
  /** The grant. */
  grant: string
  /** The instant. */
  instant: string
  /** On what. */
  scope: Pair[]
}

/** One thing to carry out. Carrying it out twice under the same key must do no more than once. */
export type Effect =
  | EffectIssue
  | EffectRevoke
  | EffectRetain
  | EffectCompensate
  | EffectAlert
  | EffectPage
  | EffectNotifySkippedApprovers
  | EffectOpenReview
  | EffectRotate
  | EffectDenyTokensIssuedBefore

/** Where a request, a grant or an extension stands after a command. */
export interface Standing {
  /** Its phase. */
  state?: string
  /** When the grant began. */
  started_at?: string
  /** When the grant's end was confirmed everywhere. */
  ended_at?: string
  /** What sticks to the grant. */
  flags?: Flag[]
  /** Enforcement points that have not confirmed the end of a grant that is over. */
  unconfirmed?: string[]
}

/** What one command did: the record to be kept, and the answer to the caller. */
export interface Applied {
  /** Counts up by one with each command, from 1. */
  seq: number
  /** The instant that it was applied for. */
  at: string
  /** The command's id. */
  command_id: string
  /** The digest of the command's content. */
  command: Digest
  /** What the command was, in a word. */
  act: string
  /** The request that it was about, or made. */
  request?: string
  /** The grant that it was about, or made. */
  grant?: string
  /** The extension that it was about, or made. */
  extension?: string
  /** What was decided. */
  decision?: Decision
  /** All that the decision followed from. */
  evidence?: Evidence
  /** Grants that ended. */
  ended: Ended[]
  /** What happened, in order. */
  events: Event[]
  /** What to carry out, in order. */
  effects: Effect[]
  /** Its phase. */
  state?: string
  /** When the grant began. */
  started_at?: string
  /** When the grant's end was confirmed everywhere. */
  ended_at?: string
  /** What sticks to the grant. */
  flags?: Flag[]
  /** Enforcement points that have not confirmed the end of a grant that is over. */
  unconfirmed?: string[]
}

/**
 * What an entry records, in snake case: `decision`, `use`, `confirmation`.
 *
 * The set is open, so that a host can record its own kinds beside those of the lifecycle;
 * the constants are the ones that Glasskey writes.
 */
export type Kind = string

/**
 * One link: what happened, when, and the hash that binds it to everything before.
 *
 * In a file: its RFC 8785 text and a newline.
 */
export interface Entry {
  /** Its place, from 0. */
  seq: number
  /** When it was written; never before the entry ahead of it. */
  at: string
  /** What it records. */
  kind: Kind
  /** The record itself. */
  body: unknown
  /** The hash of the entry before; for the first one [`super::genesis_prev`]. */
  prev: Digest
  /** SHA-256 of the RFC 8785 text of this entry without `hash`. */
  hash: Digest
}

/**
 * All of a tree that is needed to add leaves and to know its root: the roots of its full
 * subtrees, the largest first, one for each bit of its size.
 */
export interface Frontier {
  size: number
  peaks: Digest[]
}

/**
 * Where a ledger ends: enough to append to it and to prove its root, whatever its length.
 *
 * It holds no entries; the host writes each one that [`Ledger::append`] returns to its
 * own store. Cloning is cheap, so a host that must not run ahead of its store appends to
 * a clone, writes, and then keeps the clone. As JSON it is a snapshot from which the
 * ledger is opened without reading it again; keep it where the ledger itself is kept, and
 * no less safely.
 */
export interface LedgerState {
  origin: string
  head: Digest
  last_at: string
  tree: Frontier
}

/** How long a ledger was at some moment, and the root of the Merkle tree over it. */
export interface Checkpoint {
  /** The ledger's name. */
  origin: string
  /** How many entries. */
  size: number
  /** The root of the tree over them. */
  root: Digest
}

/** Nothing: the file ends as a writer ends it. */
export interface TailWhole {
  state: 'whole'
}

/** A whole entry, which counts; only its newline is missing. Write it before appending. */
export interface TailUnterminated {
  state: 'unterminated'
}

/**
 * The beginning of an entry whose writing was cut short. Nothing before it is
 * affected; cut the file back to `VerifyReport::bytes` before appending.
 */
export interface TailTorn {
  state: 'torn'
  /** How many bytes. */
  bytes: number
}

/** What stands behind the last newline. */
export type Tail = TailWhole | TailUnterminated | TailTorn

/**
 * The first thing that is wrong with a ledger, and where.
 *
 * The codes: those of reading JSON, `not_canonical`, `entry_altered`, `entry_missing`,
 * `entry_misplaced`, `link_broken`, `time_backwards`, `bad_genesis`,
 * `checkpoint_mismatch`, `ledger_truncated`.
 */
export interface Fault {
  /** The entry that is due at this place. */
  seq: number
  /** The line, from 1. */
  line: number
  /** The bytes before that line. */
  offset: number
  /** The first entry that may be affected, when that is an earlier one. */
  since?: number
  /** What is wrong. */
  error: ErrorData
}

/** What was found. */
export interface VerifyReport {
  /** The ledger's name. */
  origin?: string
  /** The entries before the first fault: whole, in order, linked. */
  entries: number
  /** Bytes of these entries. */
  bytes: number
  /** The hash of the last of them. */
  head?: Digest
  /** The root of the Merkle tree over them. */
  root: Digest
  /** When the first was written. */
  first_at?: string
  /** When the last was written. */
  last_at?: string
  /** How many of the given checkpoints agree. */
  checkpoints: number
  /** How the file ends. */
  tail: Tail
  /** The first fault. */
  fault?: Fault
}

/** A record, and where it stands in the ledger. */
export interface Recorded {
  /** What the lifecycle did. */
  applied: Applied
  /** The entries that hold its events, one for each. */
  event_entries: number[]
  /** The entries that hold its effects, one for each. */
  effect_entries: number[]
  /** The entry that holds its decision. */
  decision_entry?: number
  /** The entry that closes it. */
  entry: number
  /** Something in it is redacted: in its place stands `redacted:` and the digest. */
  redacted: boolean
}

/** One member in which two decisions differ. */
export interface Difference {
  /** Which. */
  member: string
  /** As recorded. */
  recorded: unknown
  /** As recomputed. */
  recomputed: unknown
}

/** A decision that does not follow from its evidence. */
export interface Divergence {
  /** The entry that holds the decision. */
  entry: number
  /** The record that it belongs to. */
  record: number
  /** Members that differ, as `member: recorded -> recomputed`. */
  differences: Difference[]
}

/** What another bundle would have made of a decision. */
export interface Counterfactual {
  /** The entry that holds the decision. */
  entry: number
  /** When it was made. */
  at: string
  /** What was asked: the command, in a word. */
  act: string
  /** For whom. */
  principal: string
  /** What was asked for. */
  scope: Pair[]
  /** What was decided. */
  was: Answer
  /** What the other bundle would have decided. */
  would: Answer
  /** The rule that was open. */
  rule: string | null
  /** The rule that would have been. */
  would_rule: string | null
  /**
   * The refusal is for want of facts: the other bundle reads some that the decision had no need
   * of, so that its evidence does not hold them. What it would have said cannot be told.
   */
  untold?: boolean
  /** How much shorter the grant would have been. */
  shorter_by?: string
  /** How much longer. */
  longer_by?: string
  /** Seats: filled and missing together. */
  seats: number
  /** Seats that there would have been. */
  would_seats: number
}

/** How an incident was seen to stand. */
export interface IncidentSeen {
  /** When. */
  at: string
  /** The epoch. */
  epoch?: number
  /** Whether the epoch ran. */
  status?: IncidentStatus
  /** How grave it was. */
  severity?: number
  /** When the epoch was opened. */
  opened_at?: string
}

/** Somebody asked. */
export interface MarkAsked {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'asked'
  /** Where the request stood at once. */
  phase: RequestPhase
}

/** Somebody approved the request, or an extension of the grant. */
export interface MarkApproved {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'approved'
  /** Whether it counted. */
  counted: boolean
  /** The one seat that was meant. */
  seat?: string
  /** The longest lifetime that the approver agreed to. */
  max_ttl?: string
}

/** The request moved. */
export interface MarkMoved {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'moved'
  /** Where to. */
  phase: RequestPhase
  /** Why, if it became void. */
  cause?: Cause
  /** More, in words. */
  detail?: string
}

/** The request became a grant. */
export interface MarkActivated {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'activated'
  /** When it was to end. */
  ends_at: string
  /** By which limit. */
  ends_by: Limit
}

/** The grant was put in force. */
export interface MarkIssued {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'issued'
  /** Where. */
  points: string[]
}

/** What was issued was not accepted, or came too late. */
export interface MarkIssueRejected {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'issue_rejected'
  /** Where. */
  points: string[]
  /** Why. */
  detail: string
}

/** The holder acted, or tried to. */
export interface MarkUsed {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'used'
  /** What was done, and on what. */
  pair: Pair
  /** Whether it was permitted. */
  permitted: boolean
}

/** More time was asked for. */
export interface MarkExtensionAsked {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'extension_asked'
  /** Its place in the chain. */
  ordinal: number
  /** The new end. */
  ends_at: string
  /** Where the extension stood at once. */
  phase: RequestPhase
}

/** An extension moved; `consumed` when the time was added. */
export interface MarkExtensionMoved {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'extension_moved'
  /** Where to. */
  phase: RequestPhase
}

/** The grant ends sooner than it would have. */
export interface MarkShortened {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'shortened'
  /** When. */
  ends_at: string
  /** By which limit. */
  ends_by: Limit
}

/** A fact that it needs became unknown: no use, and the clock runs. */
export interface MarkFrozen {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'frozen'
}

/** The fact is known again. */
export interface MarkThawed {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'thawed'
}

/** The grant ended. */
export interface MarkEnded {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'ended'
  /** Why. */
  cause: Cause
}

/** Something else would have ended it too. */
export interface MarkAlsoEnded {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'also_ended'
  /** What. */
  cause: Cause
}

/** What was in force at a point is another grant's from now on. */
export interface MarkRetained {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'retained'
  /** The enforcement point. */
  point: string
  /** The grant that answers for it. */
  by_grant: string
}

/** The grant answers from now on for what another one had in force. */
export interface MarkTookOver {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'took_over'
  /** The enforcement point. */
  point: string
  /** The grant that ended. */
  from_grant: string
}

/** An enforcement point did not confirm the end in time. */
export interface MarkLate {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'late'
  /** The enforcement point. */
  point: string
}

/** An enforcement point confirmed the end. */
export interface MarkConfirmed {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'confirmed'
  /** The enforcement point. */
  point: string
}

/** The end was confirmed everywhere. */
export interface MarkClosed {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'closed'
}

/** Something sticks to the grant. */
export interface MarkFlagged {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'flagged'
  /** What. */
  flag: Flag
}

/** Those who watch were told, or somebody was woken. */
export interface MarkTold {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'told'
  /** `alert` or `page`. */
  how: string
  /** Why. */
  detail: string
}

/** Those whose approval was not asked were told. */
export interface MarkSkippedApproversTold {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'skipped_approvers_told'
  /** The seats that other rules would have asked for. */
  seats: string[]
}

/** A review came due. */
export interface MarkReviewOpened {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'review_opened'
  /** By when. */
  due_by: string
}

/** The grant was reviewed. */
export interface MarkReviewed {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'reviewed'
  /** What the review says. */
  verdict: ReviewVerdict
  /** What the emergency was. */
  classification: Classification
  /** More, in words. */
  notes?: string
}

/** What was done offline was accounted for. */
export interface MarkReconciled {
  /** When. */
  at: string
  /** Who did it, where somebody did. */
  by?: string
  /** Why it was refused. */
  reasons?: Reason[]
  /** The entry that holds it. */
  entry?: number
  /** The entry that holds the decision on it. */
  decision_entry?: number
  type: 'reconciled'
}

/** One thing that happened, when, by whom, and which entries of the ledger say so. */
export type Mark =
  | MarkAsked
  | MarkApproved
  | MarkMoved
  | MarkActivated
  | MarkIssued
  | MarkIssueRejected
  | MarkUsed
  | MarkExtensionAsked
  | MarkExtensionMoved
  | MarkShortened
  | MarkFrozen
  | MarkThawed
  | MarkEnded
  | MarkAlsoEnded
  | MarkRetained
  | MarkTookOver
  | MarkLate
  | MarkConfirmed
  | MarkClosed
  | MarkFlagged
  | MarkTold
  | MarkSkippedApproversTold
  | MarkReviewOpened
  | MarkReviewed
  | MarkReconciled

/** An ask, and what became of it. */
export interface RequestLine {
  /** Its name. */
  id: string
  /** Who would hold the privilege. */
  principal: Uid
  /** Who asked, if not the principal. */
  requested_by?: Uid
  /** The delegation chain, root first. */
  via?: Uid[]
  /** What was asked for. */
  scope: Pair[]
  /** Why, in the requester's words. */
  purpose: string
  /** For how long. */
  ttl?: string
  /** Whether it was asked for as an emergency. */
  emergency: boolean
  /** What it stood on. */
  supports: Support[]
  /** Where it came in. */
  channel: string
  /** When it was made. */
  asked_at: string
  /** Where it stands. */
  phase: RequestPhase
  /** The rule that it would be granted under. */
  rule?: string
  /** Why it became void. */
  cause?: Cause
  /** The grant that came of it. */
  grant?: string
  /** What happened to it, in order. */
  marks: Mark[]
}

/** A grant at one enforcement point. */
export interface PointLine {
  /** The enforcement point. */
  point: string
  /** Since when something was in force there. */
  from?: string
  /** By when the end was to be confirmed. */
  confirm_by?: string
  /** When it was. */
  confirmed_at?: string
  /** The confirmation did not come in time. */
  late?: boolean
  /** What is there was not accepted, and is to be taken away. */
  stray?: boolean
  /** The grant that answers for it since this one ended. */
  retained_by?: string
  /**
   * How long privilege was left behind there: from the end of the grant to the confirmation,
   * or to the instant that the timeline is told for.
   */
  residual?: string
}

/** A grant, from request to confirmed end. */
export interface GrantLine {
  /** Its name. */
  id: string
  /** The request that it came of. */
  request: string
  /** Who holds it. */
  principal: Uid
  /** Its rule. */
  rule: string
  /** What it is for. */
  scope: Pair[]
  /** Whether it was asked for as an emergency. */
  emergency: boolean
  /** The grant that it is delegated from. */
  parent?: string
  /** Who sat in the seats. */
  approvers: Uid[]
  /** Where it stands. */
  phase: GrantPhase
  /** When it was asked for. */
  asked_at?: string
  /** When it began. */
  started: string
  /** When the last limit on it comes, or came, at the latest. */
  ends_at: string
  /** That limit. */
  ends_by: Limit
  /** When it stopped being usable. */
  over_at?: string
  /** Why. */
  cause?: Cause
  /** The end follows from its limits alone: nobody has recorded it yet. */
  unrecorded_end?: boolean
  /** What would have ended it besides. */
  also?: Cause[]
  /** When its end was confirmed everywhere. */
  confirmed_at?: string
  /** Where it was in force. */
  points: PointLine[]
  /** How often it was used. */
  uses: number
  /** How often a use was refused. */
  refused_uses: number
  /** What sticks to it. */
  flags?: Flag[]
  /** When its review is due. */
  review_by?: string
  /** Its review. */
  review?: ReviewRecord
  /** What happened to it, in order. */
  marks: Mark[]
}

/** Whether what is left ought to be there. */
export type Standstill = 'residual' | 'in_force'

/** A grant at one enforcement point that has not confirmed its end. */
export interface Residual {
  /** Whether it ought to be there. */
  state: Standstill
  /** The enforcement point; `issuer` while nobody has said where the grant is in force. */
  point: string
  /** The grant. */
  grant: string
  /** Who holds it. */
  principal: Uid
  /** What it is for. */
  scope: Pair[]
  /** When it began. */
  started: string
  /** When it ends, or was to end, at the latest. */
  ends_at: string
  /** By which limit. */
  ends_by: Limit
  /** When it stopped being usable. */
  over_at?: string
  /** Why. */
  cause?: Cause
  /** By when the end was to be confirmed here. */
  confirm_by?: string
}

/** What happened, to one incident or to all. */
export interface Timeline {
  /** The incident that it is about; everything, if none. */
  incident?: string
  /** The first instant that anything on it happened. */
  since?: string
  /** As of when it is told. */
  as_of?: string
  /** How the incident was seen to stand, each time it had changed. */
  seen: IncidentSeen[]
  /** The requests, in the order in which they were made. */
  requests: RequestLine[]
  /** The grants, in the order in which they began. */
  grants: GrantLine[]
  /** What is left: grants whose end was not confirmed somewhere. */
  residual: Residual[]
}

/**
 * What an enforcement point needs and no more: the answer, until when, and its duties.
 *
 * It is what the [`Decision`] for the same inputs says, without reasons, without what is
 * missing and without the digests that a record needs; so it is the quickest to make.
 */
export interface Verdict {
  /** Yes, not yet, or no. */
  decision: Answer
  /** The open rule that scope, time and quorum come from. */
  rule?: string | null
  /** When a grant activated now would end. */
  ends_at?: Instant | null
  /** The limit that ends it first. */
  ends_by?: Limit | null
  /** Until when this answer holds without being asked again. */
  valid_until?: Instant | null
  /** What ends its validity first. */
  valid_by?: Limit | null
  /** What the enforcement point must do. */
  obligations: Obligation[]
  /** What an approval must be bound to. */
  ask?: Digest | null
  /** The bundle's digest. */
  bundle: Digest
}

/** Somebody who can do something, found by a search. */
export interface Found {
  /** Who. */
  principal: Uid
  /** What. */
  scope: Pair[]
  /** Yes, not yet, or no. */
  decision: Answer
  /** The open rule that scope, time and quorum come from. */
  rule?: string | null
  /** When a grant activated now would end. */
  ends_at?: Instant | null
  /** The limit that ends it first. */
  ends_by?: Limit | null
  /** Until when this answer holds without being asked again. */
  valid_until?: Instant | null
  /** What ends its validity first. */
  valid_by?: Limit | null
  /** What the enforcement point must do. */
  obligations: Obligation[]
  /** What an approval must be bound to. */
  ask?: Digest | null
  /** The bundle's digest. */
  bundle: Digest
}

/** What opens one redacted field. The host keeps it apart from the ledger. */
export interface Disclosure {
  /** Where in the body: a JSON pointer (RFC 6901), `/request/purpose`. */
  path: string
  /** The field's own salt. */
  salt: Digest
  /** The value. */
  value: unknown
}

/** Which bundle the files are. */
export interface Predicate {
  /** The bundle's name. */
  name: string
  /** Its version. */
  version: string
  /** The digest that names it in decisions. */
  bundle: Digest
}

/** An item of a batch: decided, or malformed. */
export type Item = { ok: Decision; error?: never } | { error: ErrorData; ok?: never }

/** A command of several: applied, or an error. */
export type CommandItem =
  | { command_id: string; ok: Applied; error?: never }
  | { command_id: string; error: ErrorData; ok?: never }

/** Every code, and when it is given. */
export interface Catalogue {
  errors: Record<ErrorCode, string>
  reasons: Record<ReasonCode, string>
}
