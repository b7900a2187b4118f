//! Accounts for the operator: enrol, list, test, pause, resume, remove. The same verbs serve commands that
//! open the database themselves. What an account may be is in `crate::accounts`, how one is shown in
//! `accounts/views.rs`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::account::{Duty, Enrolled, Terms};
use domain::ids::AccountId;
use domain::store::StoreError;
use domain::{Clock, Ids, Refusal, RefusalKind, Store};
use http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use crate::accounts::secrets::Secrets;
use crate::accounts::{EMBEDDED, Flaw, Wish, kept};
use crate::admin::audit::about;
use crate::admin::keys::unavailable;
use crate::config::Config;
use crate::front::request_id;
use crate::problem;
use crate::sealing::Sealer;
use crate::wiring::House;
use crate::wiring::accounts::callback_url;

mod views;

pub use views::{AccountView, PackView, StandingView, Tested, tested};

/// Longest body of these routes.
const BODY_MAX_BYTES: usize = 64 * 1024;

/// An account that is wished for.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewAccount {
    /// The operator's name for it.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Where the provider is reached; none: where its vendor documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// One secret that is sent with each call.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "handed_over")]
    pub api_key: Option<SecretString>,
    /// The name of a pair.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "handed_over")]
    pub access_key: Option<SecretString>,
    /// What a pair signs with.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "handed_over")]
    pub secret_key: Option<SecretString>,
    /// What the upstream signs its callbacks with.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "handed_over")]
    pub callback_secret: Option<SecretString>,
    /// Models it serves; empty: all that the provider lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Models that the vendor knows under another name, each as `OURS=THEIRS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Concurrent tasks; none: as the provider's manifest says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<i64>,
    /// Its share among accounts of one priority; none: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<i64>,
    /// Accounts of a higher priority are filled first; none: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// Most requests a second; none: as many as there is work for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<i64>,
}

/// Writes a secret for its way from a command to the running server, which is a socket of the owner's.
fn handed_over<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = secret.as_ref().map(SecretString::expose_secret);
    text.serialize(serializer)
}

/// What these verbs work with.
pub struct Books<'a> {
    /// Where accounts are kept.
    pub store: &'a dyn Store,
    /// What seals their secrets.
    pub sealer: &'a Sealer,
    /// The accounts of the file, and the rules for addresses.
    pub config: &'a Config,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Chance.
    pub ids: &'a dyn Ids,
}

impl Books<'_> {
    /// Enrols an account.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn enrol(&self, wish: NewAccount) -> Result<AccountView, Refusal> {
        self.enrol_as(wish, Duty::Working).await
    }

    /// Enrols an account that begins with a duty.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn enrol_as(&self, wish: NewAccount, duty: Duty) -> Result<AccountView, Refusal> {
        let mut secrets = Secrets {
            api_key: wish.api_key,
            access_key: wish.access_key,
            secret_key: wish.secret_key,
            callback_secret: wish.callback_secret,
        };
        secrets.check().map_err(invalid)?;
        let wish = Wish {
            name: wish.name,
            provider: wish.provider,
            base_url: wish.base_url,
            secrets,
            models: wish.models,
            aliases: wish.aliases,
            slots: wish.slots,
            weight: wish.weight,
            priority: wish.priority,
            requests_per_second: wish.requests_per_second,
        };
        let declared = wish.check(&self.config.network).map_err(invalid)?;
        if declared.provider.name == EMBEDDED {
            let message = "the embedded renderer is always there; its name and slots are set in the file";
            return Err(Refusal::invalid("provider", message));
        }
        if self.declares(&declared.name) {
            return Err(of_the_file(&declared.name));
        }
        let login = declared.secrets.credentials().kind();
        let kept = kept::keep_kind(self.store, &declared.name, declared.provider, login).await;
        kept.map_err(|error| unavailable(&error))?.map_err(invalid)?;
        let (id, now) = (AccountId(self.ids.id()), self.clock.now());
        let account = Enrolled {
            id,
            name: declared.name,
            provider: declared.provider.name.to_owned(),
            duty,
            login,
            terms: declared.terms,
            sealed: Some(kept::seal(id, &declared.secrets, self.sealer, self.ids)),
            created_at: now,
            changed_at: now,
        };
        match self.store.enrol(&account).await {
            Ok(()) => Ok(self.view(&account)),
            Err(StoreError::Taken(name)) => {
                let message = format!(
                    "there is an account `{name}`, or one that was removed and whose last tasks are still in \
                     flight"
                );
                Err(Refusal::new(RefusalKind::Conflict, message).at("name"))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Everybody: the embedded renderer, the accounts of the file, those that were enrolled, oldest first.
    ///
    /// # Errors
    /// A refusal when the store cannot be read.
    pub async fn all(&self) -> Result<Vec<AccountView>, Refusal> {
        let enrolled = self.store.enrolled().await.map_err(|error| unavailable(&error))?;
        let mut views = Vec::new();
        let accounts = &self.config.accounts;
        if !accounts
            .iter()
            .any(|entry| entry.declared.provider.name == EMBEDDED)
        {
            let terms = Terms {
                slots: Some(self.config.animatic_slots),
                ..Terms::default()
            };
            views.push(self.named((EMBEDDED, EMBEDDED, "built-in"), &terms));
        }
        for entry in accounts {
            let declared = &entry.declared;
            let login = declared.secrets.credentials().kind();
            views.push(AccountView {
                login: login.map(|kind| kind.word().to_owned()),
                ..self.named((&declared.name, declared.provider.name, "file"), &declared.terms)
            });
        }
        let enrolled = enrolled.iter().filter(|row| row.duty != Duty::Removed);
        views.extend(enrolled.map(|row| self.view(row)));
        Ok(views)
    }

    /// Gives an account another duty. Removing is retiring: its login is forgotten with its last task.
    ///
    /// # Errors
    /// A refusal when there is no such account, or when it is the file's.
    pub async fn set_duty(&self, name: &str, duty: Duty) -> Result<AccountView, Refusal> {
        let row = self.row(name).await?;
        if row.duty == duty {
            return Ok(self.view(&row));
        }
        if row.duty == Duty::Retired {
            let message = format!("account `{name}` was removed; its last tasks are still in flight");
            return Err(Refusal::new(RefusalKind::Conflict, message));
        }
        let now = self.clock.now();
        let changed = self.store.set_duty(row.id, duty, now).await;
        if !changed.map_err(|error| unavailable(&error))? {
            return Err(absent(name));
        }
        Ok(self.view(&Enrolled {
            duty,
            changed_at: now,
            ..row
        }))
    }

    /// An enrolled account that is not removed.
    ///
    /// # Errors
    /// A refusal when there is none, or when it is the file's.
    pub async fn row(&self, name: &str) -> Result<Enrolled, Refusal> {
        let enrolled = self.store.enrolled().await.map_err(|error| unavailable(&error))?;
        let mut rows = enrolled.into_iter();
        let row = rows.find(|row| row.name == name && row.duty != Duty::Removed);
        match row {
            Some(row) => Ok(row),
            None if self.declares(name) || name == EMBEDDED => Err(of_the_file(name)),
            None => Err(absent(name)),
        }
    }

    fn declares(&self, name: &str) -> bool {
        let mut entries = self.config.accounts.iter();
        entries.any(|entry| entry.declared.name == name)
    }

    fn view(&self, row: &Enrolled) -> AccountView {
        let shadowed = self
            .declares(&row.name)
            .then(|| "the file has an account of this name, which is used".to_owned());
        let unopened = || kept::open(row, self.sealer).err();
        let unknown = || {
            let known = providers::find(&row.provider).is_some();
            (!known).then(|| format!("there is no provider `{}` in this version", row.provider))
        };
        AccountView {
            duty: row.duty.word().to_owned(),
            login: row.login.map(|kind| kind.word().to_owned()),
            fault: shadowed.or_else(unopened).or_else(unknown),
            created_at: Some(time(row.created_at)),
            ..self.named((&row.name, &row.provider, "command"), &row.terms)
        }
    }

    fn named(&self, (name, provider, source): (&str, &str, &str), terms: &Terms) -> AccountView {
        let manifest = providers::find(provider).map(|entry| entry.manifest);
        let calls_back = manifest.is_some_and(|manifest| manifest.calls_back);
        let base = self.config.public_url.as_deref().filter(|_| calls_back);
        AccountView {
            object: "account".to_owned(),
            name: name.to_owned(),
            provider: provider.to_owned(),
            source: source.to_owned(),
            duty: Duty::Working.word().to_owned(),
            login: None,
            base_url: terms.base_url.clone(),
            models: terms.models.clone(),
            aliases: terms
                .aliases
                .iter()
                .map(|(ours, theirs)| format!("{ours}={theirs}"))
                .collect(),
            slots: terms
                .slots
                .or(manifest.map(|manifest| manifest.slots))
                .unwrap_or(0),
            weight: terms.weight,
            priority: terms.priority,
            requests_per_second: terms.requests_per_second,
            callback_url: callback_url(base, name),
            fault: None,
            created_at: None,
            standing: None,
        }
    }
}

/// The refusal of a name that nobody has.
#[must_use]
pub fn absent(name: &str) -> Refusal {
    Refusal::new(RefusalKind::NotFound, format!("there is no account `{name}`"))
}

fn of_the_file(name: &str) -> Refusal {
    let message =
        format!("account `{name}` is the configuration's; change it there and start the gateway anew");
    Refusal::new(RefusalKind::Conflict, message).at("name")
}

fn invalid(flaw: Flaw) -> Refusal {
    Refusal::invalid(flaw.field, flaw.message)
}

impl House {
    fn books(&self) -> Books<'_> {
        Books {
            store: &**self.engine.store(),
            sealer: self.office.sealer(),
            config: &self.config,
            clock: &*self.clock,
            ids: &*self.ids,
        }
    }

    /// After a change the engine knows of it before the answer leaves.
    async fn follow(&self) {
        if let Err(error) = self.office.refresh(&self.engine, &self.providers).await {
            tracing::warn!(%error, "account.stale: the change is kept, and is followed at the next look");
        }
    }
}

/// `GET /accounts`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    match house.books().all().await {
        Ok(mut all) => {
            for account in &mut all {
                account.standing = house.engine.standing(&account.name).map(StandingView::of);
            }
            Json(json!({ "object": "list", "data": all, "has_more": false })).into_response()
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

/// `POST /accounts`
pub async fn create(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let enrolled = async { house.books().enrol(wish(request.into_body()).await?).await };
    match enrolled.await {
        Ok(account) => {
            house.follow().await;
            about(&account.name.clone(), (StatusCode::CREATED, Json(account)))
        }
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

/// `POST /accounts/{name}/test`
pub async fn test(State(house): State<Arc<House>>, Path(name): Path<String>, request: Request) -> Response {
    match house.engine.check(&name).await {
        Some(answer) => Json(tested(&name, answer)).into_response(),
        None => problem::answer(&absent(&name), &request_id(request.extensions())),
    }
}

/// `POST /accounts/{name}/pause`
pub async fn pause(house: State<Arc<House>>, name: Path<String>, request: Request) -> Response {
    put(house, name, request, Duty::Paused).await
}

/// `POST /accounts/{name}/resume`
pub async fn resume(house: State<Arc<House>>, name: Path<String>, request: Request) -> Response {
    put(house, name, request, Duty::Working).await
}

/// `DELETE /accounts/{name}`
pub async fn remove(house: State<Arc<House>>, name: Path<String>, request: Request) -> Response {
    put(house, name, request, Duty::Retired).await
}

async fn put(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    request: Request,
    duty: Duty,
) -> Response {
    match house.books().set_duty(&name, duty).await {
        Ok(account) => {
            house.follow().await;
            Json(account).into_response()
        }
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

async fn wish(body: Body) -> Result<NewAccount, Refusal> {
    let bytes = axum::body::to_bytes(body, BODY_MAX_BYTES).await.map_err(|_| {
        Refusal::new(
            RefusalKind::TooLarge,
            format!("the body is longer than {BODY_MAX_BYTES} bytes"),
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // What stands in a body may be a secret, and the reader quotes what it did not expect.
        let said = error.to_string();
        let names = ["unknown field", "missing field", "duplicate field"];
        let why = match names.iter().any(|name| said.starts_with(name)) {
            true => said,
            false => format!(
                "it is no object of the known fields, at line {} column {}",
                error.line(),
                error.column()
            ),
        };
        Refusal::new(RefusalKind::Malformed, format!("the body cannot be read: {why}"))
    })
}
