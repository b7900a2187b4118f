//! What vendors deducted beside what our books say, for the operator. How it is compared is the engine's
//! business.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use dialects::reelway::time;
use domain::ids::TenantId;
use domain::{Micros, Refusal, RefusalKind};
use engine::{CannotCompare, Compared, Comparing, Verdict};
use http::Uri;
use serde::{Deserialize, Serialize};

use crate::admin::keys::unavailable;
use crate::period::{self, Period};
use crate::webhooks::api::answer;
use crate::wiring::House;

/// How far two amounts may be apart where nothing is said: a tenth of a cent, for vendors round.
const TOLERANCE_USUAL: Micros = Micros(1_000);
/// Days that are compared where no period is asked for.
const DAYS_USUAL: i64 = 30;

/// What a comparison is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// The account by name; none: every account whose vendor tells what it deducts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The first day, or from which moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, or before which moment; none: until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How far two amounts may be apart and still be the same, in dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<String>,
}

/// A comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Always `reconciliation`.
    pub object: String,
    /// From this moment.
    pub from: String,
    /// To before this moment.
    pub to: String,
    /// Always `USD`.
    pub currency: String,
    /// How far two amounts may be apart.
    pub tolerance_micros: Micros,
    /// One for each account.
    pub accounts: Vec<Account>,
}

/// The comparison of one account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub account: String,
    /// Why nothing was compared, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Tasks that say the same on both sides.
    pub same: u64,
    /// Tasks that do not.
    pub different: u64,
    /// What tenants were charged.
    pub charge_micros: i64,
    /// What we booked as the vendor's cost.
    pub cost_micros: i64,
    /// What the vendor deducted, at its list price.
    pub vendor_micros: i64,
    /// What the vendor takes beyond what we booked.
    pub difference_micros: i64,
    /// Every task of either side.
    pub tasks: Vec<TaskRow>,
}

/// A task of either side; what one side does not know is null.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskRow {
    /// The account that it is at.
    pub account: String,
    /// Our task.
    pub task: Option<String>,
    /// The vendor's name for it.
    pub vendor_task: String,
    /// `same`, `differs`, `only_here` or `only_at_vendor`.
    pub verdict: String,
    /// The tenant by name.
    pub tenant: Option<String>,
    /// The model: ours, else the vendor's word.
    pub model: Option<String>,
    /// What the tenant was charged.
    pub charge_micros: Option<Micros>,
    /// What we booked as the vendor's cost.
    pub cost_micros: Option<Micros>,
    /// What was charged in the vendor's units, in thousandths.
    pub units_milli: Option<u64>,
    /// What the vendor deducted, at its list price.
    pub vendor_micros: Option<Micros>,
    /// What the vendor deducted in its units, in thousandths.
    pub vendor_units_milli: Option<u64>,
    /// When the vendor deducted it.
    pub deducted_at: Option<String>,
    /// What the vendor takes beyond what we booked.
    pub difference_micros: Micros,
}

/// `GET /ledger/reconcile`
pub async fn reconcile(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let compared = async {
        let wish: Wish = period::of_query(&uri, &["account", "from", "to", "tolerance"])?;
        report(&house, &wish).await
    };
    answer(compared.await, &request)
}

async fn report(house: &House, wish: &Wish) -> Result<Report, Refusal> {
    let period = match wish.from.is_none() && wish.to.is_none() {
        true => Period::last_days(DAYS_USUAL, &*house.clock),
        false => Period::read(wish.from.as_deref(), wish.to.as_deref(), &*house.clock)?,
    };
    let tolerance = match wish.tolerance.as_deref() {
        None => TOLERANCE_USUAL,
        Some(text) => {
            let read = Micros::of_dollars(text).filter(|amount| *amount >= Micros::ZERO);
            let message = format!("`tolerance` is `{text}` and must be an amount in dollars");
            read.ok_or_else(|| Refusal::invalid("tolerance", message).allowing(["0", "0.001", "1.00"]))?
        }
    };
    let tenants = house.engine.store().registry().tenants().await;
    let tenants = tenants.map_err(|error| unavailable(&error))?;
    let names: HashMap<TenantId, String> = tenants.into_iter().map(|row| (row.id, row.name)).collect();
    let plugged = house.engine.accounts();
    let asked: Vec<String> = match &wish.account {
        Some(name) => vec![name.clone()],
        None => plugged.iter().map(|(account, _)| account.name.clone()).collect(),
    };
    let mut accounts = Vec::new();
    for account in asked {
        let comparing = Comparing {
            account: account.clone(),
            from: period.from,
            to: period.to,
            tolerance,
        };
        match house.engine.compare(&comparing).await {
            Ok(rows) => accounts.push(summed(account, &rows, &names)),
            // Who was not asked for by name is passed over.
            Err(CannotCompare::NoInvoice(_)) if wish.account.is_none() => {}
            Err(error) if wish.account.is_some() => return Err(refusal(&error)),
            Err(error) => accounts.push(Account {
                fault: Some(refusal(&error).sentence()),
                ..summed(account, &[], &names)
            }),
        }
    }
    Ok(Report {
        object: "reconciliation".to_owned(),
        from: time(period.from),
        to: time(period.to),
        currency: "USD".to_owned(),
        tolerance_micros: tolerance,
        accounts,
    })
}

fn refusal(error: &CannotCompare) -> Refusal {
    match error {
        CannotCompare::NoAccount(_) => Refusal::new(RefusalKind::NotFound, error.to_string()),
        CannotCompare::NoInvoice(_) | CannotCompare::TooMany => {
            Refusal::new(RefusalKind::Conflict, error.to_string())
        }
        CannotCompare::Vendor(..) => Refusal::new(RefusalKind::Unavailable, error.to_string()),
        CannotCompare::Store(error) => unavailable(error),
    }
}

fn summed(account: String, rows: &[Compared], names: &HashMap<TenantId, String>) -> Account {
    let same = rows.iter().filter(|row| row.verdict == Verdict::Same).count() as u64;
    let sum = |of: fn(&Compared) -> Option<Micros>| {
        let amounts = rows.iter().filter_map(of);
        amounts.fold(0_i64, |sum, amount| sum.saturating_add(amount.0))
    };
    Account {
        fault: None,
        same,
        different: rows.len() as u64 - same,
        charge_micros: sum(|row| Some(row.here.as_ref()?.charge)),
        cost_micros: sum(|row| row.here.as_ref()?.cost),
        vendor_micros: sum(|row| row.there.as_ref()?.amount),
        difference_micros: sum(|row| Some(row.difference)),
        tasks: rows.iter().map(|row| view(&account, row, names)).collect(),
        account,
    }
}

fn view(account: &str, row: &Compared, names: &HashMap<TenantId, String>) -> TaskRow {
    let (here, there) = (row.here.as_ref(), row.there.as_ref());
    let model = here.map(|here| here.model.clone());
    TaskRow {
        account: account.to_owned(),
        task: here.map(|here| here.task.prefixed()),
        vendor_task: row.receipt.0.clone(),
        verdict: row.verdict.word().to_owned(),
        tenant: here.and_then(|here| names.get(&here.tenant).cloned()),
        model: model.or_else(|| there?.model.clone()),
        charge_micros: here.map(|here| here.charge),
        cost_micros: here.and_then(|here| here.cost),
        units_milli: here.and_then(|here| here.units_milli),
        vendor_micros: there.and_then(|there| there.amount),
        vendor_units_milli: there.and_then(|there| there.units_milli),
        deducted_at: there.and_then(|there| there.at).map(time),
        difference_micros: row.difference,
    }
}
