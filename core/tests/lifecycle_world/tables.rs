//! What every command does in every state. A word is the state after it, `code@state` a refusal
//! that leaves the state, `!code` an error.

/// Commands about a request, by the request's phase.
pub const REQUEST: &str = "
state      approve                deny                    withdraw               activate
pending    approved               denied                  withdrawn              pending
approved   approved               denied                  withdrawn              consumed
scheduled  scheduled              denied                  withdrawn              not_yet@scheduled
consumed   request_over@consumed  not_permitted@consumed  request_over@consumed  request_over@consumed
refused    request_over@refused   request_over@refused    request_over@refused   request_over@refused
denied     request_over@denied    request_over@denied     request_over@denied    request_over@denied
withdrawn  request_over@withdrawn request_over@withdrawn  request_over@withdrawn request_over@withdrawn
timed_out  request_over@timed_out request_over@timed_out  request_over@timed_out request_over@timed_out
lapsed     request_over@lapsed    request_over@lapsed     request_over@lapsed    request_over@lapsed
void       request_over@void      request_over@void       request_over@void      request_over@void
";

/// Commands about an extension, by its phase. It takes effect with its last approval.
pub const EXTENSION: &str = "
state      approve                deny                    withdraw               activate
pending    consumed               denied                  withdrawn              !unknown_request
consumed   request_over@consumed  request_over@consumed   request_over@consumed  !unknown_request
refused    request_over@refused   request_over@refused    request_over@refused   !unknown_request
denied     request_over@denied    request_over@denied     request_over@denied    !unknown_request
withdrawn  request_over@withdrawn request_over@withdrawn  request_over@withdrawn !unknown_request
void       request_over@void      request_over@void       request_over@void      !unknown_request
";

/// Commands about a grant, by its phase; by enforcement points,
pub const GRANT_POINTS: &str = "
state     issued               issue_failed                revoked         use
issuing   active               revoking                    !unknown_point  grant_not_active@issuing
active    active               grant_not_issuing@active    revoking        active
frozen    frozen               grant_not_issuing@frozen    revoking        grant_frozen@frozen
revoking  grant_ended@revoking grant_not_issuing@revoking  revoking        grant_ended@revoking
closed    grant_ended@closed   grant_not_issuing@closed    closed          grant_ended@closed
";

/// and by people.
pub const GRANT_PEOPLE: &str = "
state     extend                     revoke              complete  report    review                  reconcile
issuing   grant_not_active@issuing   revoking            revoking  revoking  no_review_open@issuing  nothing_to_reconcile@issuing
active    active                     revoking            revoking  revoking  no_review_open@active   nothing_to_reconcile@active
frozen    grant_not_active@frozen    revoking            revoking  revoking  no_review_open@frozen   nothing_to_reconcile@frozen
revoking  grant_not_active@revoking  revoking            revoking  revoking  revoking                revoking
closed    grant_not_active@closed    grant_ended@closed  closed    closed    closed                  closed
";

/// The lines of a table: the state, and what each command does there.
pub fn rows(table: &'static str) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let mut lines = table.trim().lines().map(|l| l.split_whitespace().collect::<Vec<_>>());
    let head = lines.next().unwrap();
    lines
        .map(|line| {
            assert_eq!(line.len(), head.len(), "{line:?}");
            (line[0], head[1..].iter().copied().zip(line[1..].iter().copied()).collect())
        })
        .collect()
}
