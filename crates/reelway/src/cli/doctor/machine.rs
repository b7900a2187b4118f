//! What the doctor looks at on this machine: directory, key, files, disk, addresses.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use bytesize::ByteSize;

use super::Finding;
use crate::config::Config;
use crate::health::{self, DISK_FREE_MIN_BYTES};

/// Below this it is time to make room.
const DISK_FREE_LOW_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of a master key.
const MASTER_KEY_BYTES: u64 = 32;
/// Rights of others than the owner.
const OTHERS: u32 = 0o077;

/// The data directory: there, ours, and for nobody else.
pub(super) fn data_dir(config: &Config) -> Finding {
    let part = "data_dir";
    let path = &config.data_dir;
    let shown = path.display();
    let about = match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => about,
        Ok(_) => {
            return Finding::fail(
                part,
                format!("`{shown}` is no directory"),
                "name another with --data-dir",
            );
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let cure = "`reelway serve` makes it, or name another with --data-dir";
            return Finding::warn(part, format!("`{shown}` is not there"), cure);
        }
        Err(error) => return Finding::fail(part, format!("`{shown}`: {error}"), "run as its owner"),
    };
    if let Err(error) = written(path) {
        let cure = "give it to the user that runs the gateway (chown)";
        return Finding::fail(part, format!("`{shown}` cannot be written: {error}"), cure);
    }
    let mode = about.permissions().mode();
    if mode & OTHERS != 0 {
        let says = format!("`{shown}` is open to others (mode {:03o})", mode & 0o777);
        return Finding::warn(part, says, format!("chmod 700 {shown}"));
    }
    Finding::ok(part, format!("`{shown}` can be written, and only by its owner"))
}

/// Makes a file and takes it away again.
fn written(folder: &Path) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".doctor-").tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, b"doctor")?;
    file.as_file().sync_all()
}

/// The master key: there as soon as anything may be sealed, whole, and for nobody else.
pub(super) fn master_key(config: &Config) -> Finding {
    let part = "master_key";
    let path = config.master_key();
    let shown = path.display();
    let about = match std::fs::metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_new = config.database_file().is_some_and(|file| !file.exists());
            if is_new {
                return Finding::ok(part, "none yet; the first start makes it");
            }
            let cure = "restore it from your backup before the next start, which would make another";
            return Finding::fail(
                part,
                format!("`{shown}` is gone: what is sealed cannot be opened"),
                cure,
            );
        }
        Err(error) => return Finding::fail(part, format!("`{shown}`: {error}"), "run as its owner"),
    };
    if let Err(error) = std::fs::File::open(&path) {
        return Finding::fail(
            part,
            format!("`{shown}` cannot be read: {error}"),
            "run as its owner",
        );
    }
    if about.len() != MASTER_KEY_BYTES {
        let says = format!(
            "`{shown}` has {} bytes instead of {MASTER_KEY_BYTES}",
            about.len()
        );
        return Finding::fail(part, says, "restore it from your backup");
    }
    let mode = about.permissions().mode();
    if mode & OTHERS != 0 {
        let says = format!("`{shown}` can be read by others (mode {:03o})", mode & 0o777);
        return Finding::warn(part, says, format!("chmod 600 {shown}"));
    }
    Finding::ok(part, "it is whole, and only its owner can read it")
}

/// The folder of kept files.
pub(super) fn blobs(config: &Config) -> Finding {
    let part = "blobs";
    let Some(folder) = health::folder(&config.blobs_url) else {
        return Finding::fail(
            part,
            format!("`{}` is no folder", config.blobs_url),
            "set `blobs.url` to `file:PATH`",
        );
    };
    let shown = folder.display();
    if !folder.exists() {
        return Finding::warn(
            part,
            format!("`{shown}` is not there"),
            "`reelway serve` makes it",
        );
    }
    match written(folder) {
        Ok(()) => Finding::ok(part, format!("`{shown}` can be written")),
        Err(error) => {
            let cure = "give it to the user that runs the gateway (chown), or mount it writable";
            Finding::fail(part, format!("`{shown}` cannot be written: {error}"), cure)
        }
    }
}

/// Free room, for the database and for kept files.
pub(super) fn disk(config: &Config) -> Finding {
    let part = "disk";
    let folders = [Some(config.data_dir.as_path()), health::folder(&config.blobs_url)];
    let there = folders.into_iter().flatten().filter_map(nearest);
    let free = there.map(|folder| health::free_bytes(folder).map(|free| (free, folder)));
    let least = match free.collect::<Result<Vec<_>, _>>() {
        Ok(free) => free.into_iter().min(),
        Err(error) => return Finding::fail(part, format!("its room is unknown: {error}"), "look with `df`"),
    };
    let Some((free, folder)) = least else {
        return Finding::warn(part, "there is nothing to look at", "start `reelway serve` once");
    };
    room(free, &folder.display().to_string())
}

fn room(free: u64, folder: &str) -> Finding {
    let part = "disk";
    let says = format!("{} are free at `{folder}`", ByteSize(free));
    let cure = "make room, or move `data_dir` or `blobs.url` to a larger disk";
    if free < DISK_FREE_MIN_BYTES {
        let least = ByteSize(DISK_FREE_MIN_BYTES);
        return Finding::fail(
            part,
            format!("{says}; below {least} the gateway is not ready"),
            cure,
        );
    }
    if free < DISK_FREE_LOW_BYTES {
        return Finding::warn(part, says, cure);
    }
    Finding::ok(part, says)
}

/// The folder, or the nearest above it that is there.
fn nearest(folder: &Path) -> Option<&Path> {
    let mut above = folder.ancestors();
    above.find(|folder| folder.is_dir())
}

/// Whether links in answers lead here for whoever gets them.
pub(super) fn links(config: &Config) -> Finding {
    let part = "links";
    let Some(base) = &config.public_url else {
        if config.listen.ip().is_loopback() {
            return Finding::ok(
                part,
                "they name the host that was asked; only this machine can ask",
            );
        }
        let says =
            "they name whatever host was asked, over plain http, and upstreams are not asked to call back";
        return Finding::warn(
            part,
            says,
            "set `server.public_url` to what clients call this gateway",
        );
    };
    let Ok(url) = url::Url::parse(base) else {
        return Finding::fail(
            part,
            format!("`{base}` is no address"),
            "mend `server.public_url`",
        );
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_local && !config.listen.ip().is_loopback() {
        let says = format!("they name `{base}`, which is this machine for nobody else");
        return Finding::warn(
            part,
            says,
            "set `server.public_url` to what clients call this gateway",
        );
    }
    if url.scheme() == "http" && !is_local {
        let says = format!("they name `{base}`, over which keys and clips go unencrypted");
        return Finding::warn(
            part,
            says,
            "put a proxy that speaks TLS in front and name it with https",
        );
    }
    Finding::ok(part, format!("they name `{base}`"))
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::{DISK_FREE_LOW_BYTES, DISK_FREE_MIN_BYTES, room};

    #[test]
    fn a_disk_is_judged_by_its_room() {
        let cases = [
            (DISK_FREE_MIN_BYTES - 1, Verdict::Fail),
            (DISK_FREE_MIN_BYTES, Verdict::Warn),
            (DISK_FREE_LOW_BYTES, Verdict::Ok),
        ];
        for (free, verdict) in cases {
            assert_eq!(room(free, "/data").verdict, verdict, "{free}");
        }
    }
}
