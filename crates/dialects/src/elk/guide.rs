//! The dialect's page of the documentation. What is read is in `submit.rs`, what is answered in
//! `answer.rs`.

use domain::dialect::Guide;

/// The page.
pub(super) const GUIDE: Guide = Guide {
    title: "ElkAPI, unified",
    introduction: "",
    sources: &[],
    authentication: "`Authorization: Bearer <key>`",
    requests: &[],
    rules: &[],
    deviations: &[],
};
