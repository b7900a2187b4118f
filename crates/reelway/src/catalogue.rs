//! `GET /api/v1/models`: what can be asked for and what it costs whoever asks. What a wish costs is told by
//! a dry run; the book itself is the operator's (`admin/prices.rs`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::price::{Multiplier, PriceRow};
use domain::{PriceBook, Refusal, RefusalKind};
use http::{Extensions, HeaderMap};
use serde_json::{Value, json};

use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

/// What stands in a row of the book and not in a price of a model.
const NOT_TOLD: [&str; 2] = ["model", "units_milli"];

/// `GET /api/v1/models`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    match told(&house, (&headers, &extensions)).await {
        Ok(models) => Json(models).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

async fn told(house: &House, (headers, extensions): (&HeaderMap, &Extensions)) -> Result<Value, Refusal> {
    let caller = house.admit(headers, extensions).await?;
    let book = house.engine.book();
    let multiplier = house.engine.multiplier(caller.tenant, &book).await?;
    let models = book.models();
    let data: Result<Vec<Value>, Refusal> = models
        .into_iter()
        .map(|name| model(house, &book, name, multiplier))
        .collect();
    Ok(json!({ "object": "list", "book": book.version, "currency": "USD", "data": data?, "has_more": false }))
}

/// One model: the kinds of work that are sold and done now, and every price.
fn model(house: &House, book: &PriceBook, name: &str, multiplier: Multiplier) -> Result<Value, Refusal> {
    let rows: Vec<&PriceRow> = book.rows.iter().filter(|row| row.model == name).collect();
    let offered = house.engine.offers(name);
    let is_sold = |operation| {
        let mut rows = rows.iter();
        rows.any(|row| row.operation.is_none_or(|only| only == operation))
    };
    let operations = offered.into_iter().filter(|operation| is_sold(*operation));
    let operations: Vec<&str> = operations.map(domain::Operation::word).collect();
    let prices: Result<Vec<Value>, Refusal> = rows.iter().map(|row| price(row, multiplier)).collect();
    Ok(json!({ "id": name, "object": "model", "operations": operations, "prices": prices? }))
}

fn price(row: &PriceRow, multiplier: Multiplier) -> Result<Value, Refusal> {
    let beyond = |_| {
        Refusal::new(
            RefusalKind::Unavailable,
            "a price of the book is beyond all money",
        )
    };
    let mut price = json!(row.times(multiplier).map_err(beyond)?);
    if let Value::Object(keys) = &mut price {
        keys.retain(|key, _| !NOT_TOLD.contains(&key.as_str()));
    }
    Ok(price)
}
