//! `doorstep serve`: one process, one data folder, until SIGTERM.

use std::fs::File;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::serve::ListenerExt;
use clap::Args;
use doorstep_policy::{Pack, PackFiles, embedded_bazhou};
use doorstep_server::blobs::Blobs;
use doorstep_server::clock::{SharedSource, SystemSource};
use doorstep_server::http::hooks::Hook;
use doorstep_server::http::scrape::Scrapers;
use doorstep_server::http::tls::{self, Certificate, TlsListener};
use doorstep_server::keys::Keys;
use doorstep_server::ledger::Ledger;
use doorstep_server::pipeline::{Centre, Settings};
use doorstep_server::policies::{self, Packs, PolicyError};
use doorstep_server::store::group::GroupCommit;
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Aside, Store, StoreError};
use doorstep_server::{http, limits, ws};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::config::{Config, Metrics, Tls};
use super::open::{bad_pack, failed, read_pack};
use super::{Answer, Done, Failure, Folder};
use super::{addresses, copying, high_water, reload, telling, upkeep};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A configuration file. What stands here as well goes before it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The folder that holds everything; made where it is missing.
    #[arg(long, required_unless_present = "config")]
    data: Option<PathBuf>,
    /// Address and port, 127.0.0.1:7180 if nobody says; port 0 takes a free one.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// A database other than the one in the data folder.
    #[arg(long)]
    database: Option<String>,
    /// A policy pack's folder; once for each district. Without it, the Bazhou pack.
    #[arg(long)]
    policy: Vec<PathBuf>,
    /// Replaces the packs' quiet time (ISO 8601, such as PT1S).
    #[arg(long)]
    settle: Option<String>,
    /// The certificate to serve TLS with, PEM, and those that it hangs on.
    #[arg(long, requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

/// What is served where: the command line over the configuration file.
struct Plan {
    data: PathBuf,
    listen: SocketAddr,
    policies: Vec<PathBuf>,
    settle: Option<String>,
    backups: Option<PathBuf>,
    tls: Option<Tls>,
    hooks: Vec<Hook>,
    scrapers: Scrapers,
}

impl Plan {
    fn of(serve: Serve) -> Result<Self, Failure> {
        let file = serve.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
        let data = serve.data.or(file.data).ok_or_else(|| Failure {
            exit: 2,
            ..Failure::new(
                "config.bad",
                "Nobody says where the data lies.",
                "Name it: --data, or data in the file.",
            )
        })?;
        let tls = serve.tls_certificate.zip(serve.tls_key);
        let scrapers = file.metrics.map(Metrics::scrapers).transpose()?.unwrap_or_default();
        Ok(Plan {
            data,
            listen: serve.listen.or(file.listen).unwrap_or(LISTEN),
            policies: if serve.policy.is_empty() { file.policies } else { serve.policy },
            settle: serve.settle.or(file.settle),
            backups: file.backups,
            hooks: addresses::hooks(file.hooks)?,
            scrapers,
            tls: tls.map(|(certificate, key)| Tls { certificate, key }).or(file.tls),
        })
    }

    fn certificate(&self) -> Result<Option<Arc<Certificate>>, Failure> {
        let read = |tls: &Tls| Certificate::read(&tls.certificate, &tls.key);
        self.tls.as_ref().map(read).transpose().map_err(|error| {
            Failure::new("tls.certificate", error, "Name a PEM file with the chain, and one with its key.")
        })
    }
}

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7180);

/// A hundred years: no end of a wait overflows.
const LONGEST_QUIET_MS: i64 = 100 * 366 * 24 * 60 * 60 * 1000;

pub(super) type Served = Centre<GroupCommit<SqliteStore>>;

pub(crate) async fn run(serve: Serve, json: bool) -> Done {
    if let Some(url) = &serve.database {
        let message = format!(
            "This build keeps its data in SQLite; it does not know {:?}.",
            url.split(':').next().unwrap_or(url)
        );
        return Err(Failure {
            exit: 2,
            ..Failure::new("database.unknown", message, "Leave --database away.")
        });
    }
    let plan = Plan::of(serve)?;
    let certificate = plan.certificate()?;
    let settle_ms = plan.settle.as_deref().map(quiet).transpose()?;
    let packs = read_packs(&plan.policies)?;
    let folder = Folder::at(&plan.data);
    high_water::has_its_store(&folder)?;
    let _lock = claim(&folder)?;
    let source: SharedSource = Arc::new(SystemSource);
    let keys = Keys::open(folder.path(), &*source).map_err(|error| {
        Failure::new(
            "data.secret",
            format!("The folder's secret cannot be read or made: {error}."),
            "Check the folder's owner and free space.",
        )
    })?;
    let store = SqliteStore::open(&folder.database()).await.map_err(unopened)?;
    store.warm().await.map_err(|error| Failure::new("data.database", error, "See the log."))?;
    let store = Arc::new(GroupCommit::new(Arc::new(store)));
    remember_packs(&*store, &plan.policies).await?;
    let packs = begin(&*store, packs, source.now()).await?;
    high_water::check(&folder, &*store, &packs).await?;
    let blobs = Blobs::open(folder.path())
        .map_err(|error| Failure::new("data.files", error, "Check the folder's owner and free space."))?;
    let centre = Centre::new(store, packs, source, keys, Settings { settle_ms });
    let centre = centre.with_blobs(blobs).with_ledger(Ledger::of(folder.path()));
    upkeep::erase_again(&centre).await?;
    let centre = Arc::new(centre);
    centre.remember().await.map_err(|error| Failure::new("data.database", error, "See the log."))?;
    addresses::are_ours(&plan.hooks, &centre.packs())?;
    if centre.recovering() {
        tracing::warn!(
            "this store was restored: it takes and gives, and decides nothing until `doorstep admin release`"
        );
    }
    listen(centre, (plan, certificate), &folder, json).await
}

/// What does not open is damaged, or out of reach.
fn unopened(error: StoreError) -> Failure {
    let next = match &error {
        StoreError::Corrupt(_) => {
            "The database is damaged, or the -wal beside it is another one's: restore a backup into an empty folder (RUNBOOK, \
             After a disaster)."
        }
        _ => "Check the folder's owner and free space.",
    };
    Failure::new("data.database", error, next)
}

/// The packs of these folders as text; without any, the embedded one.
fn read_packs(folders: &[PathBuf]) -> Result<Vec<PackFiles>, Failure> {
    if folders.is_empty() {
        return Ok(vec![embedded_bazhou()]);
    }
    let read = |folder: &PathBuf| {
        let files = read_pack(folder)?;
        Pack::load(&files).map_err(|problems| bad_pack(&folder.display().to_string(), &problems))?;
        Ok(files)
    };
    folders.iter().map(read).collect()
}

/// Lets in what is new to the store, and gives all that the store has.
async fn begin<S: Store>(store: &S, mut packs: Vec<PackFiles>, now: i64) -> Result<Packs, Failure> {
    let index = policies::Index::read(store).await.map_err(failed)?;
    let elsewhere = |files: &PackFiles| {
        let district = Pack::load(files).map(|pack| pack.district().to_owned()).unwrap_or_default();
        !index.versions.is_empty() && index.versions.iter().all(|known| known.district != district)
    };
    // Nobody named the embedded pack: it is no district of a store that has others.
    packs.retain(|files| *files != embedded_bazhou() || !elsewhere(files));
    let kept = policies::begin(store, &packs, now).await.map_err(|error| match error {
        PolicyError::Bad(problems) => bad_pack("given", &problems),
        error => failed(error),
    })?;
    for id in kept {
        tracing::error!(%id, "this version was let in before with other rules, which stay in force; give the pack a new version");
    }
    let packs = policies::load(store).await.map_err(failed)?;
    Ok(packs.expect("at least one pack was let in"))
}

/// Commands beside the server find the packs by this.
async fn remember_packs<S: Store>(store: &S, folders: &[PathBuf]) -> Result<(), Failure> {
    let full: Vec<PathBuf> =
        folders.iter().map(|path| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone())).collect();
    let value = serde_json::to_string(&full).unwrap_or_else(|_| "[]".into());
    let aside = Aside::Setting { key: "policy/folders".into(), value };
    store.write(vec![aside]).await.map_err(|error| Failure::new("data.database", error, "Check free space."))
}

fn quiet(text: &str) -> Result<i64, Failure> {
    let parsed: Result<jiff::SignedDuration, _> = text.parse();
    match parsed {
        Ok(duration) if !duration.is_negative() => {
            Ok(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).min(LONGEST_QUIET_MS))
        }
        _ => {
            let message = format!("--settle {text:?} is not an ISO 8601 duration.");
            Err(Failure {
                exit: 2,
                ..Failure::new("settle.bad", message, "Write PT1S for a second, PT2M for two minutes.")
            })
        }
    }
}

/// One server a folder.
fn claim(folder: &Folder) -> Result<File, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            "data.folder",
            format!("{} cannot be used: {error}.", folder.path().display()),
            "Check the folder's owner and free space.",
        )
    };
    folder.make().map_err(failed)?;
    let file = File::create(folder.lock()).map_err(failed)?;
    file.try_lock().map_err(|_| {
        Failure::new(
            "data.in_use",
            format!("Another server runs on {}.", folder.path().display()),
            "Stop it first, or name another folder.",
        )
    })?;
    Ok(file)
}

async fn listen(
    centre: Arc<Served>,
    (plan, certificate): (Plan, Option<Arc<Certificate>>),
    folder: &Folder,
    json: bool,
) -> Done {
    let listener = TcpListener::bind(plan.listen).await.map_err(|error| {
        Failure::new(
            "listen",
            format!("{} cannot be listened on: {error}.", plan.listen),
            "Name another port.",
        )
    })?;
    let address =
        listener.local_addr().map_err(|error| Failure::new("listen", error, "Name another port."))?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    let district = centre.packs().districts().next().map(str::to_owned).unwrap_or_default();
    let feed = centre.store().head(&district).await.unwrap_or_default();
    let (stop, stopping) = watch::channel(false);
    // Whoever reads the address may ask at once, and does not wait for pages to be put together.
    let app = http::router(Arc::clone(&centre), stopping.clone(), plan.scrapers)
        .merge(ws::router(Arc::clone(&centre), stopping.clone()));
    let first = json!({ "url": url, "pid": std::process::id(), "district": district, "feed": feed, "epoch": centre.epoch() });
    std::fs::write(folder.server(), first.to_string())
        .map_err(|error| Failure::new("data.folder", error, "Check free space."))?;
    say(&if json {
        first.to_string()
    } else {
        format!("Doorstep runs at {url} (district {district}, data in {}).", folder.path().display())
    });
    let stop = Arc::new(stop);
    let backups = plan.backups.unwrap_or_else(|| copying::usual(folder));
    let works = [
        tokio::spawn(upkeep::tick(Arc::clone(&centre), stopping.clone())),
        tokio::spawn(upkeep::file_all(Arc::clone(&centre))),
        tokio::spawn(high_water::keep(Arc::clone(&centre), folder.clone(), stopping.clone())),
        tokio::spawn(upkeep::sweep(Arc::clone(&centre), stopping.clone())),
        tokio::spawn(upkeep::keep_up(Arc::clone(&centre), stopping.clone())),
        tokio::spawn(copying::copy_when_asked(
            Arc::clone(&centre),
            (folder.clone(), backups),
            stopping.clone(),
        )),
        tokio::spawn(reload::watch(
            Arc::clone(&centre),
            (plan.policies, certificate.clone()),
            stopping.clone(),
        )),
    ];
    let telling = tokio::spawn(telling::tell(Arc::clone(&centre), plan.hooks, stopping.clone()));
    let stopper = Arc::clone(&stop);
    let mut ending = stopping;
    let ended = async move {
        signal().await;
        let _ = stopper.send(true);
    };
    tokio::select! {
        result = answer(listener, certificate, app, ended) => result.map_err(|error| Failure::new("serve", error, "See the log."))?,
        () = async {
            stopped(&mut ending).await;
            tokio::time::sleep(Duration::from_millis(limits::DRAIN_MS)).await;
        } => {}
    }
    for work in works {
        work.abort();
    }
    drop(ending);
    // What comes of a letter that is under way should be written down.
    let _ = tokio::time::timeout(Duration::from_millis(limits::DRAIN_MS), telling).await;
    // The server does not wait for sockets. Each session has a receiver until it has drained.
    let _ = tokio::time::timeout(Duration::from_millis(limits::DRAIN_MS), stop.closed()).await;
    high_water::note_or_say(folder, &centre).await;
    Ok(Answer { json: serde_json::Value::Null, text: String::new(), ok: true })
}

/// Serves until `ended`, over TLS where there is a certificate.
async fn answer(
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    app: Router,
    ended: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    match certificate {
        Some(certificate) => {
            let app = app.layer(from_fn(tls::sealed));
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            // Tapped, like the other, for what axum knows to ask of such a one: who connects.
            let listener = TlsListener::over(listener, certificate)?.tap_io(|_| {});
            axum::serve(listener, app).with_graceful_shutdown(ended).await
        }
        None => {
            // Small frames leave at once.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, app).with_graceful_shutdown(ended).await
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that is gone is no reason to stop serving.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Returns once the server stops.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    while !*stopping.borrow_and_update() {
        if stopping.changed().await.is_err() {
            return;
        }
    }
}

async fn signal() {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("a runtime with signals");
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
