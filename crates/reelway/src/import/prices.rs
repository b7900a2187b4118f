//! What prices become: a price book as a file, of the models that are sold here and have a price for each
//! call there, and the ratios of groups. The operator looks at it and loads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::admin::fields::dollars_of;
use crate::admin::terms::is_multiplier;
use crate::import::plan::{Plan, Present, group};

/// Plans the price book.
pub(super) fn plan(
    plan: &mut Plan,
    options: &BTreeMap<String, String>,
    present: &Present,
    groups: &BTreeMap<String, String>,
) {
    let prices = numbers(plan, options, "ModelPrice");
    let mut rows = String::new();
    for (model, price) in &prices {
        let is_sold = present.models.contains(model);
        match dollars_of(price).filter(|_| is_sold) {
            Some(price) => {
                let micros = price.0;
                // Writing into a text cannot fail.
                let _ = writeln!(
                    rows,
                    "  {{ model = \"{model}\", unit = \"call\", price_micros = {micros} }},"
                );
                plan.priced += 1;
            }
            None if is_sold => plan.remark(format!("price of `{model}`: `{price}` is no amount of dollars")),
            None => plan.remark(format!("price of `{model}`: the model is not served here")),
        }
    }
    for model in numbers(plan, options, "ModelRatio").keys() {
        if present.models.contains(model) && !prices.contains_key(model) {
            plan.remark(format!(
                "price of `{model}`: it is sold by tokens there; give it a price here"
            ));
        }
    }
    if plan.priced == 0 {
        return;
    }
    let mut book = format!("{HEAD}\nversion = \"new-api\"\n\nrows = [\n{rows}{OWN}]\n");
    let mut lines = String::new();
    for (name, ratio) in numbers(plan, options, "GroupRatio") {
        let Some(called) = group(&name, groups) else {
            continue;
        };
        match is_multiplier(&ratio) {
            true => {
                let _ = writeln!(lines, "\"{called}\" = \"{ratio}\"");
            }
            false => plan.remark(format!(
                "ratio of group `{name}`: `{ratio}` is no multiplier here"
            )),
        }
    }
    if !lines.is_empty() {
        let _ = write!(book, "\n[multipliers.groups]\n{lines}");
    }
    plan.prices = Some(book);
}

const HEAD: &str = "\
# Prices for each call, brought over from new-api. A model that is not in here is not sold: add its row, or
# take rows of the built-in book. Look at it, then `reelway prices check` and `reelway prices load` it.
";
const OWN: &str = "  # The built-in renderer costs nothing.
  { model = \"animatic\", unit = \"second\", price_micros = 0 },
";

/// An option that is a JSON object of numbers, as texts.
fn numbers(plan: &mut Plan, options: &BTreeMap<String, String>, name: &str) -> BTreeMap<String, String> {
    let text = options
        .get(name)
        .map(|text| text.trim())
        .filter(|text| !text.is_empty());
    let Some(text) = text else {
        return BTreeMap::new();
    };
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else {
        plan.remark(format!("option `{name}`: it is no JSON object, and is left out"));
        return BTreeMap::new();
    };
    let numbers = object.into_iter().filter(|(_, value)| value.is_number());
    numbers.map(|(key, value)| (key, value.to_string())).collect()
}
