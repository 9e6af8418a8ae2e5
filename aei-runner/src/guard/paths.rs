use std::path::{Component, Path, PathBuf};

/// As many links as systems follow on the way to one file.
const MOST_LINKS: usize = 40;

/// The real path of a file or folder: absolute, without `..`, links followed.
///
/// What does not exist yet is named by the real path of the last folder that does; a link that
/// leads to nothing is followed all the same, since writing to it would make what it leads to.
pub fn real_path(path: &Path) -> PathBuf {
    let path = absolute(path);
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let mut real = PathBuf::new();
    let mut rest: Vec<PathBuf> = parts(&path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        match part.components().next() {
            Some(Component::ParentDir) => {
                real.pop();
                continue;
            }
            Some(Component::CurDir) | None => continue,
            Some(Component::Normal(_)) => real.push(&part),
            Some(Component::RootDir | Component::Prefix(_)) => {
                real.push(&part);
                continue;
            }
        }
        if let Ok(target) = real.read_link() {
            links += 1;
            if links > MOST_LINKS {
                break;
            }
            real.pop();
            rest.extend(parts(&target));
        }
    }
    real
}

/// The components of a path, the first one last.
fn parts(path: &Path) -> Vec<PathBuf> {
    let mut parts: Vec<PathBuf> =
        path.components().map(|part| PathBuf::from(part.as_os_str())).collect();
    parts.reverse();
    parts
}

fn absolute(path: &Path) -> PathBuf {
    if path.is_absolute() {
        return path.to_owned();
    }
    std::env::current_dir().map_or_else(|_| path.to_owned(), |here| here.join(path))
}

/// Where something stands, whatever it leads to: the real path of its folder, and its own name.
pub fn entry_path(path: &Path) -> PathBuf {
    match (path.components().next_back(), path.parent()) {
        (Some(Component::Normal(name)), Some(folder)) => real_path(folder).join(name),
        _ => real_path(path),
    }
}

/// Where a program of this name is on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // Folders named by a relative path change with the folder that one stands in.
    let mut folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders.find_map(|folder| {
        let place = folder.join(name);
        is_program(&place).then(|| entry_path(&place))
    })
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_does_not_exist_is_followed_as_far_as_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("in")).unwrap();
        symlink(root.join("gone"), root.join("in/dangling")).unwrap();
        symlink("../in", root.join("in/back")).unwrap();
        symlink("loop", root.join("in/loop")).unwrap();
        for (path, real) in [
            ("in/new.txt", "in/new.txt"),
            ("in/dangling", "gone"),
            ("in/dangling/deep", "gone/deep"),
            ("in/back/new", "in/new"),
            ("in/../other/./x", "other/x"),
            ("in/none/../../other", "other"),
        ] {
            assert_eq!(real_path(&root.join(path)), root.join(real), "{path}");
        }
        real_path(&root.join("in/loop/x"));
        assert_eq!(entry_path(&root.join("in/back/dangling")), root.join("in/dangling"));
    }
}
