//! What a wish costs, before it runs.

use domain::price::Unpriced;
use domain::{Ask, Quote, Refusal, RefusalKind, TenantId};

use crate::Engine;

impl Engine {
    /// Prices a wish of a tenant by the book in force. The answer is what a submit would hold.
    ///
    /// # Errors
    /// A refusal that names the models that are served.
    pub async fn quote(&self, tenant: TenantId, ask: &Ask) -> Result<Quote, Refusal> {
        let book = self.book();
        let multiplier = self.multiplier(tenant, &book).await?;
        book.quote_for(ask, multiplier).map_err(|unpriced| {
            let message = unpriced.to_string();
            match unpriced {
                Unpriced::Model(_) => Refusal::new(RefusalKind::Model, message)
                    .at("model")
                    .allowing(book.models()),
                Unpriced::Variant(_) => Refusal::new(RefusalKind::Model, message).at("model"),
                Unpriced::Overflow(_) => Refusal::new(RefusalKind::Invalid, message).at("duration"),
            }
        })
    }
}
