//! What a wish costs, before it runs.

use domain::price::Unpriced;
use domain::{Ask, Quote, Refusal, RefusalKind};

use crate::Engine;

impl Engine {
    /// Prices a wish by the book in force. The answer is what a submit would hold.
    ///
    /// # Errors
    /// A refusal that names the models that are served.
    pub fn quote(&self, ask: &Ask) -> Result<Quote, Refusal> {
        self.book.quote(ask).map_err(|unpriced| {
            let message = unpriced.to_string();
            match unpriced {
                Unpriced::Model(_) => Refusal::new(RefusalKind::Model, message)
                    .at("model")
                    .allowing(self.book.models()),
                Unpriced::Variant(_) => Refusal::new(RefusalKind::Model, message).at("model"),
                Unpriced::Overflow(_) => Refusal::new(RefusalKind::Invalid, message).at("duration"),
            }
        })
    }
}
