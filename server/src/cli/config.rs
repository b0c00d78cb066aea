//! The configuration file of `doorstep serve`: what the command line says, to be kept.
//!
//! Never a rule of a district: those are packs. A name that is not known is an error, so that a misspelt line cannot
//! pass for one that counts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use doorstep_server::http::scrape::Scrapers;
use doorstep_server::limits;
use serde::Deserialize;

use super::Failure;
use super::addresses::Address;

/// All that a file can say. What the command line says as well, it says better.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder that holds everything.
    pub(crate) data: Option<PathBuf>,
    /// Address and port.
    pub(crate) listen: Option<SocketAddr>,
    /// Folders of policy packs.
    #[serde(default)]
    pub(crate) policies: Vec<PathBuf>,
    /// Replaces the packs' quiet time, ISO 8601.
    pub(crate) settle: Option<String>,
    /// The folder for backups that are asked for at the desk.
    pub(crate) backups: Option<PathBuf>,
    /// Without it: plain HTTP.
    pub(crate) tls: Option<Tls>,
    /// Who may read the figures; without it, this machine alone.
    pub(crate) metrics: Option<Metrics>,
    /// Addresses that are told what is decided.
    #[serde(default)]
    pub(crate) hooks: Vec<Address>,
}

/// Certificate and key, PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The certificate, then those that it hangs on.
    pub(crate) certificate: PathBuf,
    /// Its key, readable for the server only.
    pub(crate) key: PathBuf,
}

/// Who may read `/metrics`, beside this machine itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metrics {
    /// A file with the token that is sent as a bearer token.
    token: Option<PathBuf>,
    /// Everybody who reaches the server.
    #[serde(default)]
    open: bool,
}

impl Metrics {
    /// With the token read.
    pub(crate) fn scrapers(self) -> Result<Scrapers, Failure> {
        let bad = |why: String| Failure {
            exit: 2,
            ..Failure::new("config.bad", why, "Compare it with deploy/config/doorstep.toml.")
        };
        match self {
            Metrics { open: true, .. } => Ok(Scrapers::Everybody),
            Metrics { token: None, .. } => Ok(Scrapers::Here),
            Metrics { token: Some(path), .. } => {
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| bad(format!("metrics: {}: {error}.", path.display())))?;
                let token = text.trim();
                if token.len() < limits::METRICS_TOKEN_BYTES {
                    let least = limits::METRICS_TOKEN_BYTES;
                    return Err(bad(format!(
                        "metrics: {} has less than {least} characters.",
                        path.display()
                    )));
                }
                Ok(Scrapers::Token(token.to_owned()))
            }
        }
    }
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let bad = |why: String| Failure {
            exit: 2,
            ..Failure::new(
                "config.bad",
                format!("{}: {why}", path.display()),
                "Compare it with deploy/config/doorstep.toml.",
            )
        };
        let text = std::fs::read_to_string(path).map_err(|error| bad(format!("{error}.")))?;
        let mut config: Config = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut paths: Vec<&mut PathBuf> =
            config.data.iter_mut().chain(&mut config.policies).chain(&mut config.backups).collect();
        if let Some(tls) = &mut config.tls {
            paths.extend([&mut tls.certificate, &mut tls.key]);
        }
        paths.extend(config.metrics.iter_mut().filter_map(|metrics| metrics.token.as_mut()));
        paths.extend(config.hooks.iter_mut().filter_map(|hook| hook.secret.as_mut()));
        for path in paths {
            *path = folder.join(&*path);
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shipped file, and the same with every line that it shows switched on.
    #[test]
    fn the_shipped_file_reads_as_it_is_and_with_every_line_switched_on() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/config/doorstep.toml");
        let text = std::fs::read_to_string(shipped).expect("the shipped file");
        let config: Config = toml::from_str(&text).expect("it reads");
        assert!(config.data.is_some() && config.listen.is_some(), "what a server needs is switched on");
        let on: String =
            text.lines().map(|line| format!("{}\n", line.strip_prefix("#: ").unwrap_or(line))).collect();
        let config: Config = toml::from_str(&on).expect("it reads with everything on");
        assert!(config.tls.is_some() && config.settle.is_some() && !config.policies.is_empty());
        assert!(config.backups.is_some() && config.hooks.len() == 2);
        assert!(
            config.metrics.is_some_and(|metrics| metrics.token.is_some() && !metrics.open),
            "not for everybody"
        );
    }

    #[test]
    fn a_token_for_the_figures_is_read_beside_the_file_and_is_no_short_word() {
        let folder = std::env::temp_dir().join(format!("doorstep-metrics-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("doorstep.toml");
        std::fs::write(&path, "data = \"d\"\n[metrics]\ntoken = \"t\"\n").expect("written");
        let read = || Config::read(&path).expect("it reads").metrics.expect("it is there").scrapers();
        assert_eq!(read().expect_err("no file").code, "config.bad");
        std::fs::write(folder.join("t"), "short\n").expect("written");
        assert!(read().expect_err("a short one").message.contains("less than 24"));
        std::fs::write(folder.join("t"), "0123456789abcdef01234567\n").expect("written");
        assert!(matches!(read(), Ok(Scrapers::Token(token)) if token.len() == 24));
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_name_that_is_not_known_is_an_error_with_its_line() {
        let folder = std::env::temp_dir().join(format!("doorstep-config-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("doorstep.toml");
        std::fs::write(
            &path,
            "data = \"d\"\nlisten = \"127.0.0.1:0\"\n[tls]\ncertificate = \"c\"\nkey = \"k\"\n",
        )
        .expect("written");
        let config = Config::read(&path).expect("it reads");
        assert_eq!(config.data, Some(folder.join("d")), "relative to the file");
        assert_eq!(config.tls.map(|tls| tls.key), Some(folder.join("k")));
        std::fs::write(&path, "data = \"d\"\nlissen = \"127.0.0.1:0\"\n").expect("written");
        let failure = Config::read(&path).expect_err("a misspelt name");
        assert_eq!((failure.exit, failure.code), (2, "config.bad"));
        assert!(
            failure.message.contains("line 2") && failure.message.contains("lissen"),
            "{}",
            failure.message
        );
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
