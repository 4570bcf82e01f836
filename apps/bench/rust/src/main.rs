//! kube-rs' reflector of all pods, as its documentation has it. It talks to whoever measures it by lines: commands on standard
//! input, answers in JSON on standard output.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::reflector::{self, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Config, ResourceExt};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::Notify;

#[derive(Default)]
struct Counter {
    seen: AtomicI64,
    wanted: AtomicI64,
    /// The version of the object by which a relist is noticed; zero when there is none.
    version: AtomicI64,
    reached: Notify,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    println!(r#"{{"event":"ready","cpuMs":{}}}"#, cpu_ms());
    let pods: Api<Pod> = Api::all(Client::try_from(config()?)?);
    let config = if env::args().any(|word| word == "--streaming") {
        watcher::Config::default().streaming_lists()
    } else {
        watcher::Config::default()
    };
    let (store, writer) = reflector::store();
    let counter = Arc::new(Counter::default());
    let counting = counter.clone();
    let stream = watcher(pods, config)
        .default_backoff()
        .reflect(writer)
        .applied_objects();
    tokio::spawn(stream.for_each(move |pod| {
        let seen = counting.seen.fetch_add(1, Ordering::Relaxed) + 1;
        let version = counting.version.load(Ordering::Relaxed);
        let is_wanted = version != 0
            && pod.is_ok_and(|pod| pod.resource_version() == Some(version.to_string()));
        if is_wanted || seen == counting.wanted.load(Ordering::Relaxed) {
            counting.reached.notify_one();
        }
        std::future::ready(())
    }));
    store.wait_until_ready().await?;
    println!(r#"{{"event":"synced","cpuMs":{}}}"#, cpu_ms());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("collect", _) => {
                // SAFETY: it takes no pointers.
                unsafe { libc::malloc_trim(0) };
                println!(r#"{{"event":"collected"}}"#);
            }
            ("check", _) => check(&store)?,
            (command @ ("churn" | "relist"), count) => {
                let is_relist = command == "relist";
                let number = count.parse::<i64>()?;
                let before = counter.seen.load(Ordering::Relaxed);
                let started = cpu_ms();
                let (wanted, version) = if is_relist { (-1, number) } else { (before + number, 0) };
                counter.wanted.store(wanted, Ordering::Relaxed);
                counter.version.store(version, Ordering::Relaxed);
                println!(r#"{{"event":"listening"}}"#);
                // Any further command means that whoever measures gives up.
                tokio::select! {
                    _ = counter.reached.notified() => {}
                    _ = lines.next_line() => {}
                }
                if is_relist {
                    // A list holds more than what is waited for: it is over when nothing comes for a second.
                    let mut last = -1;
                    while last != counter.seen.load(Ordering::Relaxed) {
                        last = counter.seen.load(Ordering::Relaxed);
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
                let took = cpu_ms() - started;
                tokio::time::sleep(Duration::from_millis(50)).await;
                let updates = counter.seen.load(Ordering::Relaxed) - before;
                println!(r#"{{"event":"churned","cpuMs":{took},"updates":{updates}}}"#);
            }
            _ => {}
        }
    }
    Ok(())
}

fn config() -> anyhow::Result<Config> {
    let mut config = Config::new(env::var("BENCH_SERVER").context("BENCH_SERVER")?.parse()?);
    if let Ok(token) = env::var("BENCH_TOKEN") {
        config.auth_info.token = Some(token.into());
    }
    if let Ok(file) = env::var("BENCH_CA_FILE") {
        config.root_cert_file = Some(file.into());
    }
    Ok(config)
}

/// Says what the cache holds.
fn check(store: &Store<Pod>) -> anyhow::Result<()> {
    let mut versions = 0_i64;
    let state = store.state();
    for pod in &state {
        versions += pod.resource_version().context("a pod has no version")?.parse::<i64>()?;
    }
    println!(r#"{{"event":"checked","objects":{},"versions":{versions}}}"#, state.len());
    Ok(())
}

/// The processor time of this process so far.
fn cpu_ms() -> f64 {
    // SAFETY: zero is a valid rusage, and the call fills it in.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}
