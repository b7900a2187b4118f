//! The exam over everyone in the list, the order of the list, and that the exam can be failed.

use dialects::ezmodel::EzModel;
use domain::dialect::{Answer, Context, Guide, Links, Submission};
use domain::http::Reply;
use domain::{Call, Dialect, Refusal, Route, Task};

#[test]
fn every_dialect_passes_the_exam() {
    for dialect in dialects::ALL {
        testkit::conform::dialect::sit(*dialect);
    }
}

#[test]
fn the_list_is_sorted_and_names_nobody_twice() {
    let names: Vec<&str> = dialects::ALL.iter().map(|dialect| dialect.name()).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}

/// A dialect that loses what a refusal says.
struct Mumbling;

impl Dialect for Mumbling {
    fn name(&self) -> &'static str {
        "mumbling"
    }

    fn mount(&self) -> &'static str {
        dialects::elk::Elk.mount()
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        dialects::elk::Elk.routes()
    }

    fn realms(&self) -> &'static [&'static str] {
        &[]
    }

    fn guide(&self) -> &'static Guide {
        dialects::elk::Elk.guide()
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        dialects::elk::Elk.submission(route, call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        match answer {
            Answer::Refused(refusal) => {
                let quiet = Refusal::new(refusal.kind.clone(), "something went wrong");
                dialects::elk::Elk.render(&Answer::Refused(&quiet), context)
            }
            answer => dialects::elk::Elk.render(answer, context),
        }
    }

    fn webhook(&self, _task: &Task, _links: &dyn Links) -> Option<Vec<u8>> {
        None
    }
}

#[test]
#[should_panic(expected = "does not say `the")]
fn a_dialect_that_loses_what_a_refusal_says_fails_the_exam() {
    testkit::conform::dialect::sit(&Mumbling);
}

/// A dialect that answers a client's fault with 500, as its vendor does, and lets anyone send it again.
struct Careless;

impl Dialect for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }

    fn mount(&self) -> &'static str {
        EzModel.mount()
    }

    fn version(&self) -> u32 {
        1
    }

    fn routes(&self) -> &'static [Route] {
        EzModel.routes()
    }

    fn realms(&self) -> &'static [&'static str] {
        &[]
    }

    fn guide(&self) -> &'static Guide {
        EzModel.guide()
    }

    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal> {
        EzModel.submission(route, call)
    }

    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply {
        let mut reply = EzModel.render(answer, context);
        reply.headers.retain(|(name, _)| name != "x-should-retry");
        reply
    }

    fn webhook(&self, _task: &Task, _links: &dyn Links) -> Option<Vec<u8>> {
        None
    }
}

#[test]
#[should_panic(expected = "a client's fault is 500")]
fn a_documented_500_that_may_be_re_sent_fails_the_exam() {
    testkit::conform::dialect::sit(&Careless);
}
