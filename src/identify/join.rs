//! Whether discs belong to one set.

use super::product::Product;

/// What is known of a disc: its product, if it tells one, and its volume identifier.
pub type Known<'a> = (Option<&'a Product>, &'a str);

/// Finds the disc that tells what the set is, the first that has a product, and checks every
/// other against it; discs without any product must have one volume identifier.
///
/// # Errors
/// The index of the disc that does not belong to the others, and why.
pub fn reference(discs: &[Known]) -> Result<usize, (usize, String)> {
    let at = discs.iter().position(|(product, _)| product.is_some()).unwrap_or(0);
    let Some(&(product, volume_id)) = discs.get(at) else { return Ok(0) };
    for (index, &later) in discs.iter().enumerate().filter(|(index, _)| *index != at) {
        let fits = match product {
            Some(product) => belongs((product, volume_id), later),
            None => same_volume(volume_id, later.1),
        };
        fits.map_err(|what| (index, what))?;
    }
    Ok(at)
}

/// Whether a later disc belongs to the first: their products are equal, or the later one has none
/// and its volume identifier is the first's but for a disc number.
///
/// # Errors
/// What the two discs are.
pub fn belongs(first: (&Product, &str), later: Known) -> Result<(), String> {
    match later {
        (Some(product), _) if product.same(first.0) => Ok(()),
        (Some(product), _) => {
            Err(format!("is {product}, which does not belong to {}: import it by itself", first.0))
        }
        (None, volume_id) => same_volume(first.1, volume_id),
    }
}

fn same_volume(first: &str, later: &str) -> Result<(), String> {
    if !first.is_empty() && without_number(first) == without_number(later) {
        return Ok(());
    }
    Err(format!(
        "does not say what it is, and its volume {later:?} does not belong to {first:?}: import it \
         by itself"
    ))
}

/// A volume identifier without `Disc 2`, `DVD2`, `cd-1` and the like, and in lower case.
fn without_number(volume_id: &str) -> String {
    let lower = volume_id.to_ascii_lowercase();
    let is_gap = |c: char| matches!(c, ' ' | '_' | '-' | '.' | ',');
    for word in ["disc", "disk", "dvd", "cd"] {
        for (at, _) in lower.match_indices(word) {
            let (before, rest) = lower.split_at_checked(at).unwrap_or_default();
            let after = rest.get(word.len()..).unwrap_or_default();
            let number = after.trim_start_matches(is_gap);
            let tail = number.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = number.len().saturating_sub(tail.len());
            let whole_word = before.is_empty() || before.ends_with(is_gap);
            let ends = tail.is_empty() || tail.starts_with(is_gap);
            if whole_word && ends && (1..=2).contains(&digits) {
                return format!("{}{tail}", before.trim_end_matches(is_gap));
            }
        }
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::Profiles;
    use crate::identify::sample::product;

    fn el(spec: &str) -> Product {
        product(Profiles::builtin().expect("sound").get("el").expect("there"), spec)
    }

    #[test]
    fn equal_products_join_and_others_do_not() {
        let first = el("centos 6.8 x86_64");
        let check = |later: &str| belongs((&first, "A"), (Some(&el(later)), "B"));
        assert_eq!(check("centos 6.8 x86_64"), Ok(()));
        for later in ["centos 6.9 x86_64", "centos 6.8 i386", "rhel 6.8 x86_64"] {
            let message = check(later).expect_err("another product");
            assert!(message.contains(later) && message.contains("centos 6.8 x86_64"), "{message}");
        }
        assert!(check("centos 6.8 x86_64 minimal").is_err());
    }

    #[test]
    fn a_disc_that_says_nothing_joins_by_its_volume() {
        let first = el("centos 6.8 x86_64");
        let check = |a: &str, b: &str| belongs((&first, a), (None, b)).is_ok();
        assert!(check("CentOS_6.8_Final", "CentOS_6.8_Final"));
        assert!(check("RHEL 5 Disc 1", "RHEL 5 Disc 2"));
        assert!(check("SLES-12-DVD1", "SLES-12-DVD2"));
        assert!(check("Data", "Data disc 2"));
        assert!(!check("CentOS_6.8_Final", "CentOS_6.9_Final"));
        assert!(!check("CentOS 7", "CentOS 8"));
        assert!(!check("SLES-12-DVD1", "SLES-15-DVD2"));
        assert!(!check("", ""));
    }

    #[test]
    fn the_first_disc_with_a_product_speaks_for_the_set() {
        let product = el("centos 6.8 x86_64");
        let volume = "CentOS_6.8_Final";
        assert_eq!(reference(&[(Some(&product), volume), (None, volume)]), Ok(0));
        assert_eq!(reference(&[(None, volume), (Some(&product), volume)]), Ok(1));
        assert_eq!(reference(&[(None, volume), (None, volume)]), Ok(0));
        assert_eq!(reference(&[(None, "")]), Ok(0));
        let wrong = reference(&[(None, "OTHER"), (Some(&product), volume)]);
        assert_eq!(wrong.expect_err("another volume").0, 0);
        assert_eq!(reference(&[(None, "A"), (None, "B")]).expect_err("two volumes").0, 1);
    }
}
