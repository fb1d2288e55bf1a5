//! `mayday-gateway run`: puts the parts together, says when it is ready, and stops cleanly.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use mayday_transport::{HttpsCertificate, Identity, Listener, Sockets, WebCertificates};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::agents::Agents;
use crate::app::App;
use crate::audit::Audit;
use crate::audit_heads::AuditHeads;
use crate::calls::Calls;
use crate::channels::Channels;
use crate::cli::Run;
use crate::clock::now;
use crate::command::ready::{OwnerIs, Ready};
use crate::data::DataFolder;
use crate::desk::{Desk, Parts};
use crate::directory::Directory;
use crate::events::Events;
use crate::groups::Groups;
use crate::live::Live;
use crate::operation::Operation;
use crate::secrets::Keys;
use crate::settings::SystemSettings;
use crate::site::{PublicUrl, Site};
use crate::store::Store;
use crate::web::LoopbackOnly;
use crate::{agents, log, remembered, sign_ins, web};

/// Open pages and requests get this long at the end.
const GOODBYE: Duration = Duration::from_secs(2);

/// Runs until it is told to stop.
///
/// # Errors
/// With a sentence for whoever started it.
pub async fn run(options: Run) -> anyhow::Result<()> {
    log::start(&options.log, options.log_json)?;
    // What can fail without the data folder comes before it: a start that fails leaves nothing behind that was not there.
    let asked = options.agent_template.clone();
    asked.as_deref().map_or(Ok(()), agents::check)?;
    let given = given_certificate(&options)?;
    let loopback = bind_loopback(options.http_loopback).await?;
    let sockets = Sockets::bind(options.listen)?;
    let data = DataFolder::open(&options.data)?;
    let _claim = data.claim()?;
    let template = agents::template(asked, &data);
    let identity = Identity::load_or_create(&data.keys())?;
    let certificate = certificate(&options, given, &data)?;
    let listener = Arc::new(listen(&options, sockets, &certificate, &data, &identity)?);
    let address = listener.local_addr();
    let named = options.public_url.is_some();
    let public_url = options
        .public_url
        .unwrap_or_else(|| PublicUrl::from_address(address));
    let pin = identity.pin();
    let host_and_port = format!("{}:{}", public_url.host(), public_url.port());
    let agents = Agents::new(template, &data, &host_and_port, pin.0)?;
    let hashes = Arc::clone(&listener);
    let site = Site {
        pin: pin.to_string().into(),
        certificate_hashes: Arc::new(move || hashes.certificate_hashes()),
        public_url: Arc::new(public_url),
    };
    let store = Store::open(data.path()).await?;
    remembered::set(&store, remembered::PUBLIC_URL, &site.public_url.to_string()).await?;
    let settings = SystemSettings::open(store.clone(), options.organisation.as_deref()).await?;
    agents.stamp(&settings).await?;
    let operation = Operation {
        started_at: now(),
        listens_on: address,
        loopback: loopback.as_ref().map(TcpListener::local_addr).transpose()?,
        certificate,
        data: data.clone(),
    };
    let heads = AuditHeads::open(&data, store.clone())?;
    let given = Given {
        site,
        settings,
        agents,
        operation,
    };
    let (app, live) = assemble(&store, given, heads.clone()).await?;
    let heads_task = tokio::spawn(heads.clone().keep());
    let sign_ins_task = tokio::spawn(sign_ins::keep(app.clone()));
    let stop = CancellationToken::new();
    let router = web::router(&app, live.clone());
    let mut servers = tokio::task::JoinSet::new();
    servers.spawn(web::serve_tls(
        Arc::clone(&listener),
        router.clone(),
        stop.clone(),
    ));
    if let Some(loopback) = loopback {
        servers.spawn(web::serve_loopback(loopback, router, stop.clone()));
    }
    let settings = app.settings.now();
    let ready = Ready {
        address,
        http: app.operation.loopback,
        site: &app.site,
        organisation: &settings.organisation,
        asked_for: options.organisation.as_deref(),
        named,
        own_certificate: options.cert.is_none(),
        data: data.path(),
        template: app.agents.template(),
        owner: OwnerIs::of(&app.directory.now()),
    };
    let stopped = stop_signal()?;
    ready.say(options.json)?;
    tokio::select! {
        () = live.run(&listener) => {}
        stopped = stopped => stopped?,
    }
    tracing::info!("stopping");
    app.events.end_all();
    stop.cancel();
    let ended = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(GOODBYE, ended).await.is_err() {
        tracing::info!("connections that did not end are cut");
    }
    listener.shut_down().await;
    heads_task.abort();
    sign_ins_task.abort();
    heads.sign_now().await?;
    store.close().await;
    Ok(())
}

async fn bind_loopback(address: Option<SocketAddr>) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let address = LoopbackOnly::new(address)?.address();
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address} (HTTP); choose another address with --http-loopback")
    })?;
    Ok(Some(listener))
}

fn given_certificate(options: &Run) -> anyhow::Result<Option<HttpsCertificate>> {
    let (Some(certificate), Some(key)) = (&options.cert, &options.key) else {
        return Ok(None);
    };
    let given = HttpsCertificate::from_files(certificate, key).with_context(|| {
        format!(
            "{} and {} cannot be used as certificate and key",
            certificate.display(),
            key.display()
        )
    });
    given.map(Some)
}

/// What browsers meet on TCP.
fn certificate(
    options: &Run,
    given: Option<HttpsCertificate>,
    data: &DataFolder,
) -> anyhow::Result<HttpsCertificate> {
    match given {
        Some(given) => Ok(given),
        None => HttpsCertificate::load_or_create(&data.keys(), &own_names(options))
            .context("the own certificate cannot be made"),
    }
}

fn listen(
    options: &Run,
    sockets: Sockets,
    https: &HttpsCertificate,
    data: &DataFolder,
    identity: &Identity,
) -> anyhow::Result<Listener> {
    let web = WebCertificates::load_or_create(&data.keys())
        .context("the certificates for browsers' streams cannot be kept in the data folder")?;
    Ok(Listener::on(
        sockets,
        identity,
        &web,
        https,
        options.congestion,
    )?)
}

/// Names in the certificate that the gateway makes for itself.
fn own_names(options: &Run) -> Vec<String> {
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    let listen = options.listen.ip();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    if let Some(url) = &options.public_url {
        names.push(url.host().trim_matches(['[', ']']).to_owned());
    }
    names.sort();
    names.dedup();
    names
}

/// What is there before the parts that need each other.
struct Given {
    site: Site,
    settings: SystemSettings,
    agents: Agents,
    operation: Operation,
}

async fn assemble(store: &Store, given: Given, heads: AuditHeads) -> anyhow::Result<(App, Live)> {
    let Given {
        site,
        settings,
        agents,
        operation,
    } = given;
    let keys = Keys::load_or_create(&operation.data.keys().join("invites.key"))
        .context("the keys of the invites cannot be read or made")?;
    let keys = Arc::new(keys);
    let directory = Directory::open(store.clone()).await?;
    let calls = Calls::open(store.clone(), directory.clone(), Arc::clone(&keys)).await?;
    let events = Events::default();
    let (desk, effects) = Desk::open(Parts {
        store: store.clone(),
        directory: directory.clone(),
        events: events.clone(),
        calls: calls.clone(),
        keys,
        system: settings.clone(),
        public_url: site.public_url.to_string(),
    })
    .await?;
    let live = Live::start(desk.clone(), effects, origins(&site, operation.loopback));
    let app = App {
        audit: Audit::new(store.clone(), heads),
        accounts: Accounts::new(store.clone(), directory.clone(), settings.clone()),
        channels: Channels::new(store.clone(), directory.clone(), settings.clone()),
        groups: Groups::new(store.clone(), directory.clone()),
        calls,
        site,
        settings,
        agents,
        operation,
        directory,
        desk,
        events,
    };
    Ok((app, live))
}

/// Pages that may open a stream: the public name's, and the loopback console's.
fn origins(site: &Site, http: Option<SocketAddr>) -> Vec<String> {
    let mut origins = vec![site.public_url.to_string()];
    if let Some(http) = http {
        origins.push(format!("http://{http}"));
        origins.push(format!("http://localhost:{}", http.port()));
    }
    origins
}

/// Listens from now on, so that whoever is told that the gateway is ready can stop it cleanly at once.
fn stop_signal() -> anyhow::Result<impl Future<Output = anyhow::Result<()>>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            Ok(())
        })
    }
    #[cfg(not(unix))]
    Ok(async { Ok(tokio::signal::ctrl_c().await?) })
}
