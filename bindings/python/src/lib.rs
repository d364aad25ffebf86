//! Glasskey for Python: handles, and plain data in and out.
//!
//! Everything that can be said in Python is said there (`python/glasskey`); this module
//! only carries values across the border and lets other threads run meanwhile.

mod bundle;
mod clock;
mod decide;
mod error;
mod facts;
mod json;
mod ledger;
mod lifecycle;
mod read;
mod request;
mod write;

/// The native half of `glasskey`.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::bundle::{Bundle, verify_bundle};
    #[pymodule_export]
    use crate::decide::{
        answer, decide, decide_again, decide_json, decide_many, decide_with_evidence, decide_with_reasons,
        explain, what_can, who_can,
    };
    #[pymodule_export]
    use crate::facts::Facts;
    #[pymodule_export]
    use crate::json::{canonical_bytes, catalogue, digest};
    #[pymodule_export]
    use crate::ledger::{
        Ledger, counterfactual, disclose, prove, records, redact, replay, residual, sign_note, timeline,
        verify, verify_proof,
    };
    #[pymodule_export]
    use crate::lifecycle::Lifecycle;
    #[pymodule_export]
    use crate::request::Request;
}
