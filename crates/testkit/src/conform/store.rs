//! The exam of the `Store` port. Written for any database; each check gets an empty one. The checks are
//! in the files of this folder, by topic.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use domain::store::{Birth, Claim, Outcome, Recount};
use domain::task::{Change, Event, EventKind, Origin};
use domain::{
    Id, KeyId, LedgerAccount, Line, LineKind, Micros, Millis, StateWord, Store, Task, TaskId, TenantId,
};

use crate::clock::START;
use crate::sample;

mod accounts;
mod audit;
mod births;
mod changes;
mod erasures;
mod kept;
mod leases;
mod money;
mod newcomers;
mod outbox;
mod overview;
mod pricing;
mod reads;
mod schedules;
mod spending;
mod statements;
mod terms;
mod turns;

/// One database of its own, empty when it is first opened.
#[async_trait]
pub trait Database: Send + Sync {
    /// Opens it. The store that was opened before is dropped by now; what it held is still there.
    async fn open(&self) -> Arc<dyn Store>;
}

/// The place where a check is sat: an open database.
pub struct Desk {
    database: Box<dyn Database>,
    store: Option<Arc<dyn Store>>,
}

/// A boxed future of a check.
pub type Sitting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One check: its name is a sentence; it panics when the sentence is not true.
pub struct Check {
    /// What must be true.
    pub name: &'static str,
    /// Sits it.
    pub sit: fn(Desk) -> Sitting,
}

macro_rules! check {
    ($topic:ident, $name:ident) => {
        Check {
            name: stringify!($name),
            sit: |desk| Box::pin($topic::$name(desk)),
        }
    };
}

/// Every check, by topic.
pub static CHECKS: &[Check] = &[
    check!(births, a_birth_is_read_back_as_it_was_written),
    check!(births, nothing_of_a_refused_birth_is_written),
    check!(births, a_batch_answers_each_member_for_itself),
    check!(births, a_repeat_hears_the_first_answer),
    check!(births, a_retry_without_a_name_is_the_equal_submit_of_a_moment_ago),
    check!(births, an_idempotency_key_is_looked_at_before_an_external_id),
    check!(
        births,
        external_ids_are_unique_for_a_tenant_and_not_across_tenants
    ),
    check!(
        births,
        an_id_that_is_taken_is_stale_and_an_unknown_tenant_has_no_money
    ),
    check!(births, an_id_that_is_taken_keeps_nobody_else_of_its_batch_out),
    check!(births, idempotency_records_are_forgotten_by_age_and_in_portions),
    check!(changes, a_change_commits_on_its_version_only),
    check!(changes, two_changes_on_one_version_have_one_winner),
    check!(changes, a_batch_of_changes_answers_each_for_itself),
    check!(changes, a_chain_of_changes_in_one_batch_commits),
    check!(changes, a_success_is_charged_and_told),
    check!(changes, a_late_result_is_kept_and_the_tenant_not_charged),
    check!(reads, late_looks_are_found_when_due_and_moved_once),
    check!(erasures, an_erased_task_keeps_its_money_and_no_words),
    check!(
        erasures,
        blobs_of_an_erased_task_are_abandoned_unless_another_uses_them
    ),
    check!(
        erasures,
        what_a_wish_already_has_is_in_use_while_the_rest_is_fetched
    ),
    check!(leases, a_claim_takes_the_oldest_due_and_raises_versions),
    check!(leases, a_claim_obeys_states_lanes_limit_and_time),
    check!(leases, eight_claimers_never_get_the_same_task),
    check!(leases, a_lease_that_is_over_is_taken_over_and_its_owner_is_stale),
    check!(leases, a_heartbeat_prolongs_and_counts),
    check!(leases, released_tasks_are_due_at_once),
    check!(
        leases,
        a_lease_is_kept_while_owned_and_dropped_in_the_queue_and_at_the_end
    ),
    check!(money, a_balance_for_seven_accepts_exactly_seven_of_forty),
    check!(money, an_unlimited_tenant_goes_below_zero),
    check!(money, an_excess_pushes_the_balance_below_zero_by_that_much),
    check!(money, credits_and_corrections_are_booked),
    check!(money, lines_that_cannot_be_right_are_refused_as_a_whole),
    check!(spending, a_limit_is_met_exactly_and_one_more_is_refused),
    check!(spending, what_is_given_back_may_be_spent_again),
    check!(spending, an_excess_is_spent_too),
    check!(
        spending,
        a_days_budget_begins_anew_at_midnight_and_gets_its_own_back
    ),
    check!(spending, a_task_takes_its_place_until_it_ends),
    check!(spending, a_batch_counts_what_its_members_use),
    check!(
        spending,
        a_key_in_the_place_of_another_goes_on_with_what_that_one_used
    ),
    check!(spending, keys_of_a_line_side_by_side_never_use_more_than_they_may),
    check!(spending, callers_side_by_side_never_use_more_than_they_may),
    check!(statements, an_entry_is_booked_once_whoever_repeats_it),
    check!(
        statements,
        a_correction_takes_what_is_there_and_more_only_when_told
    ),
    check!(statements, a_statement_tells_what_is_known_of_a_task),
    check!(statements, a_late_result_is_in_no_statement_and_costs_the_house),
    check!(statements, usage_is_summed_by_day_model_and_key),
    check!(reads, a_foreign_task_is_as_unknown_as_none),
    check!(reads, a_list_by_cursor_shows_every_task_once_newest_first),
    check!(reads, a_list_by_offset_skips),
    check!(reads, filters_narrow_a_list),
    check!(reads, an_erased_task_is_in_no_list),
    check!(reads, a_list_rises_and_keeps_to_its_time),
    check!(reads, the_overdue_are_found_but_not_while_they_end_by_themselves),
    check!(reads, the_census_counts_what_waits),
    check!(overview, a_survey_shows_all_tenants_and_narrows),
    check!(overview, a_survey_by_cursor_shows_every_task_once),
    check!(overview, a_survey_walks_so_far_and_says_where_to_go_on),
    check!(overview, a_lease_is_told_while_somebody_has_it),
    check!(overview, a_queue_is_counted_before_a_task_and_up_to_a_bound),
    check!(overview, the_overview_adds_up_what_is_unfinished),
    check!(overview, a_database_that_is_open_for_writing_says_so),
    check!(kept, tenants_are_listed_by_name_and_names_are_unique),
    check!(newcomers, a_store_is_founded_once_and_whole_or_not_at_all),
    check!(kept, keys_are_found_by_hash_and_revoked_once),
    check!(kept, pairs_are_found_by_their_access_name_alone),
    check!(terms, terms_are_replaced_as_a_whole),
    check!(terms, terms_that_changed_meanwhile_are_not_replaced),
    check!(terms, who_changes_terms_side_by_side_loses_nothing),
    check!(terms, a_key_is_rotated_with_an_overlap),
    check!(newcomers, a_tenant_is_taken_in_whole_or_not_at_all),
    check!(kept, a_setting_is_kept_once),
    check!(kept, items_get_wire_ids_and_belong_to_one_tenant),
    check!(kept, a_deleted_item_is_as_unknown_as_none),
    check!(kept, staged_blobs_are_abandoned_by_age_and_never_while_in_use),
    check!(accounts, accounts_are_read_back_as_they_were_enrolled),
    check!(accounts, the_name_of_an_account_is_free_again_once_it_is_removed),
    check!(accounts, an_account_is_in_use_from_the_intent_to_the_last_file),
    check!(pricing, an_edition_is_read_back_whole_and_never_changed),
    check!(pricing, editions_are_listed_by_when_they_begin_the_last_one_first),
    check!(turns, who_waits_with_many_keeps_nobody_waiting_who_waits_with_few),
    check!(turns, turns_go_round_from_behind_the_last_who_was_served),
    check!(turns, what_some_tenants_leave_of_a_claim_the_others_get),
    check!(turns, in_a_tenants_turn_the_oldest_due_of_all_lanes_comes_first),
    check!(turns, what_waits_is_counted_by_lane_tenant_and_time),
    check!(turns, an_intent_beyond_the_slots_is_not_committed),
    check!(turns, claimers_side_by_side_never_take_more_slots_than_there_are),
    check!(
        outbox,
        a_webhook_is_claimed_once_and_tried_again_until_it_is_delivered
    ),
    check!(outbox, a_claim_that_is_over_is_void),
    check!(outbox, eight_who_claim_never_get_the_same_webhook),
    check!(
        outbox,
        a_claim_takes_so_many_of_each_receiver_the_longest_due_first
    ),
    check!(outbox, a_later_state_makes_what_passes_needless_and_never_an_end),
    check!(
        outbox,
        a_later_state_waits_for_a_try_under_way_and_for_an_end_that_is_owed
    ),
    check!(
        outbox,
        a_dead_process_keeps_a_later_state_waiting_no_longer_than_its_claim
    ),
    check!(outbox, a_body_is_kept_once),
    check!(outbox, a_replay_begins_anew_with_what_was_sent),
    check!(outbox, webhooks_are_listed_by_tenant_and_state_newest_first),
    check!(outbox, what_is_outstanding_is_counted_and_old_ones_are_forgotten),
    check!(outbox, a_tenants_secret_is_kept_once_and_its_successor_overlaps),
    check!(audit, acts_are_begun_ended_and_listed_newest_first),
    check!(audit, acts_are_narrowed_by_actor_words_and_time_and_shown_once),
    check!(schedules, the_books_are_exact_after_random_schedules),
    check!(schedules, everything_is_there_after_the_database_was_opened_again),
];

/// Sits every check, each at a database of its own from `fresh`; prints each name before it.
///
/// # Panics
/// At the first check that fails.
pub async fn exam<F>(fresh: impl Fn() -> F)
where
    F: Future<Output = Box<dyn Database>>,
{
    for check in CHECKS {
        println!("store: {}", check.name.replace('_', " "));
        let desk = Desk::at(fresh().await).await;
        (check.sit)(desk).await;
    }
}

impl Desk {
    /// Opens a database.
    pub async fn at(database: Box<dyn Database>) -> Desk {
        let store = Some(database.open().await);
        Desk { database, store }
    }

    fn store(&self) -> &Arc<dyn Store> {
        self.store.as_ref().expect("a desk is never left without a store")
    }

    /// Closes the database and opens it again.
    async fn reopen(&mut self) {
        self.store = None;
        self.store = Some(self.database.open().await);
    }

    /// Creates the `n`th tenant with so many times the sample's price.
    async fn tenant(&self, n: u128, wishes: i64) -> TenantId {
        let row = sample::tenant_row(n, false);
        self.store()
            .registry()
            .create_tenant(&row)
            .await
            .expect("a tenant is created");
        if wishes > 0 {
            let amount = Micros(wishes * sample::quote().hold_micros.0);
            let credit = self.store().post(vec![credit(row.id, amount)]).await;
            credit.expect("a credit is booked");
        }
        row.id
    }

    /// Inserts a task at its birth and expects it to be accepted.
    async fn accepted(&self, origin: Origin) -> Task {
        let birth = birth(origin);
        let task = birth.change.task.clone();
        let outcomes = self.store().insert(vec![birth]).await.expect("a birth commits");
        assert_eq!(outcomes, [Outcome::Done]);
        task
    }

    /// Applies an event, commits it and expects it to be accepted.
    async fn step(&self, task: &Task, at: i64, kind: EventKind) -> Task {
        let change = change(task, at, kind);
        let next = change.task.clone();
        let outcomes = self.store().commit(vec![change]).await.expect("a change commits");
        assert_eq!(outcomes, [Outcome::Done]);
        next
    }

    /// Expects the books to be exact.
    async fn books_are_exact(&self) {
        let report = self.store().verify_ledger().await.expect("the books are read");
        assert_eq!(report.faults, Vec::<String>::new());
        assert_eq!(report.sum_micros, 0);
        let recounted = self.store().statements().recount(Recount::Dry).await;
        let recounted = recounted.expect("what was used is counted");
        assert_eq!(recounted.first, Vec::new(), "counted anew it is the same");
    }
}

/// The `n`th task's id, sorted by `n`.
fn id(n: u128) -> TaskId {
    let birth = u128::from(START.0.unsigned_abs()) << 80;
    TaskId(Id(birth | (0x7 << 76) | n))
}

/// The `n`th order, of the first tenant.
fn order(n: u128) -> Origin {
    sample::origin(id(n).0)
}

fn order_of(tenant: TenantId, n: u128) -> Origin {
    Origin {
        tenant,
        // A key is one tenant's.
        key: KeyId(Id(tenant.0.0 - 0x7e00 + 0x6e00)),
        ..order(n)
    }
}

fn birth(origin: Origin) -> Birth {
    let change = Task::born(origin);
    Birth::from(change)
}

fn change(task: &Task, at: i64, kind: EventKind) -> Change {
    let at = sample::at(at);
    task.apply(&Event { at, kind }).expect("the event is legal here")
}

fn credit(tenant: TenantId, amount: Micros) -> Line {
    Line {
        task: None,
        tenant: Some(tenant),
        kind: LineKind::Credit,
        sequence: 0,
        from: LedgerAccount::Funding,
        to: LedgerAccount::Available(tenant),
        amount,
        at: START,
        note: "put in".to_owned(),
    }
}

/// A claim of everything in one state.
fn claim(node: &str, state: StateWord, now: Millis) -> Claim {
    Claim {
        node: node.to_owned(),
        now,
        lease_until: now.plus(15_000),
        states: vec![state],
        lanes: None,
        after: None,
        limit: 1_000,
    }
}

fn intended() -> EventKind {
    EventKind::SubmitIntended {
        account: "a".to_owned(),
    }
}

fn accepted() -> EventKind {
    EventKind::Accepted { receipt: receipt() }
}

fn receipt() -> domain::provider::Receipt {
    domain::provider::Receipt("r-1".to_owned())
}

fn completed(quantity: Option<u64>) -> EventKind {
    EventKind::Completed {
        receipt: receipt(),
        offered: vec![sample::offered()],
        quantity,
        cost: Some(Micros(250_000)),
        findings: None,
    }
}

fn kept(n: u128) -> EventKind {
    EventKind::Kept {
        artifacts: vec![sample::artifact(Id(n))],
        findings: None,
    }
}
