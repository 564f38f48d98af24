//! The target of a symbolic link: path components (ECMA-167 4/14.16).

use super::dstring;
use super::field::{slice, u8_at};
use crate::media::path::{PATH_MAX, check_name};

/// Longest recorded path that is read, in bytes: every character of a path that can be followed
/// takes two at most, and a component has a head of four.
pub(super) const RECORDED_MAX: u64 = 32_768;

/// The target that the path components in `data` make up, as Linux shows it.
///
/// # Errors
/// What is wrong with them.
pub(super) fn target(data: &[u8]) -> Result<Vec<u8>, String> {
    let mut path = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let component_type = u8_at(rest, 0);
        let len = usize::from(u8_at(rest, 1));
        let Some((_, after)) = rest.split_at_checked(4) else {
            return Err(format!("a path component of {} bytes, not the 4 of its head", rest.len()));
        };
        rest = after;
        match component_type {
            // A root that originator and receiver agreed on: nobody did.
            1 if len > 0 => rest = skip(rest, len)?,
            1 | 2 => {
                path.clear();
                path.push(b'/');
            }
            3 => path.extend(b"../"),
            4 => path.extend(b"./"),
            5 => {
                let name = dstring::file_name(slice(rest, 0, len)).map_err(|e| e.to_string())?;
                rest = skip(rest, len)?;
                check_name(&name).map_err(|e| format!("{e} in the target of a symbolic link"))?;
                path.extend(name);
                path.push(b'/');
            }
            other => return Err(format!("a path component of the unknown type {other}")),
        }
        if path.len() > PATH_MAX {
            return Err(format!("a symbolic link whose target is longer than {PATH_MAX} bytes"));
        }
    }
    if path.len() > 1 {
        path.pop();
    }
    if path.is_empty() {
        return Err("a symbolic link without a target".into());
    }
    Ok(path)
}

fn skip(rest: &[u8], len: usize) -> Result<&[u8], String> {
    rest.get(len..).ok_or_else(|| format!("a path component of {len} bytes, {} left", rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Vec<u8> {
        let mut component = vec![5, u8::try_from(text.len() + 1).expect("short"), 0, 0, 8];
        component.extend(text.bytes());
        component
    }

    #[test]
    fn components_are_joined_by_slashes() {
        let data = [vec![3, 0, 0, 0], vec![4, 0, 0, 0], name("a"), name("b.c")].concat();
        assert_eq!(target(&data), Ok(b".././a/b.c".to_vec()));
        assert_eq!(target(&[4, 0, 0, 0]), Ok(b".".to_vec()));
    }

    #[test]
    fn a_root_starts_the_path_anew() {
        let data = [name("lost"), vec![2, 0, 0, 0], name("etc")].concat();
        assert_eq!(target(&data), Ok(b"/etc".to_vec()));
        assert_eq!(target(&[2, 0, 0, 0]), Ok(b"/".to_vec()));
    }

    #[test]
    fn a_root_by_agreement_is_left_out() {
        let data = [vec![1, 2, 0, 0, 8, 65], name("a")].concat();
        assert_eq!(target(&data), Ok(b"a".to_vec()));
        assert_eq!(target(&[1, 0, 0, 0]), Ok(b"/".to_vec()));
    }

    #[test]
    fn a_component_that_holds_a_slash_is_refused() {
        assert!(target(&name("a/b")).is_err());
        assert!(target(&name("..")).is_err());
        assert!(target(&name("")).is_err());
    }

    #[test]
    fn what_is_cut_off_or_unknown_is_refused() {
        for data in [&[][..], &[3, 0], &[5, 9, 0, 0, 8], &[7, 0, 0, 0], &[1, 9, 0, 0]] {
            assert!(target(data).is_err(), "{data:?}");
        }
    }

    #[test]
    fn a_target_longer_than_a_path_can_be_is_refused() {
        assert!(target(&[3, 0, 0, 0].repeat(1366)).is_err());
        assert!(target(&[3, 0, 0, 0].repeat(1365)).is_ok());
    }
}
