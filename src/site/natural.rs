//! The order in which people count: `DVD2` before `DVD10`.

use std::cmp::Ordering;

/// Compares two names: runs of digits by their value, everything else byte by byte without regard to
/// the case of ASCII letters. Names that are equal so far are told apart by their bytes.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let order = match (left.first(), right.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (digits(&mut left), digits(&mut right));
                x.len().cmp(&y.len()).then_with(|| x.cmp(y))
            }
            (Some(x), Some(y)) => {
                let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
                (left, right) = (&left[1..], &right[1..]);
                order
            }
            (None, None) => return a.cmp(b),
            (x, y) => return x.is_some().cmp(&y.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the digits from the front; without leading zeros the longer number is the larger.
fn digits<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
    let (run, after) = rest.split_at(end);
    *rest = after;
    let zeros = run.iter().take_while(|b| **b == b'0').count();
    &run[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
        let mut names = names.to_vec();
        names.sort_by(|a, b| compare(a.as_bytes(), b.as_bytes()));
        names
    }

    #[test]
    fn discs_come_in_the_order_of_their_numbers() {
        assert_eq!(
            sorted(&["c-DVD10.iso", "c-DVD2.iso", "c-DVD1.iso", "C-dvd3.iso"]),
            ["c-DVD1.iso", "c-DVD2.iso", "C-dvd3.iso", "c-DVD10.iso"]
        );
        assert_eq!(sorted(&["6.10-1", "6.9-2", "6.9-1"]), ["6.9-1", "6.9-2", "6.10-1"]);
    }

    #[test]
    fn numbers_of_any_length_have_a_value() {
        let (long, longer) = ("9".repeat(40), format!("1{}", "0".repeat(40)));
        assert_eq!(sorted(&[&longer, &long]), [long.as_str(), longer.as_str()]);
        assert_eq!(sorted(&["a02", "a1", "a002", "a3"]), ["a1", "a002", "a02", "a3"]);
    }

    #[test]
    fn the_case_counts_only_where_nothing_else_differs() {
        assert_eq!(sorted(&["b", "A", "a", "B"]), ["A", "a", "B", "b"]);
        assert_eq!(compare(b"x", b"x"), Ordering::Equal);
        assert_eq!(compare(b"dvd", b"dvd1"), Ordering::Less);
    }

    proptest! {
        #[test]
        fn the_order_is_total(names in proptest::collection::vec("[aA0-2.]{0,5}", 3)) {
            let [a, b, c] = [0, 1, 2].map(|i| names[i].as_bytes());
            prop_assert_eq!(compare(a, b), compare(b, a).reverse());
            prop_assert_eq!(compare(a, b).is_eq(), a == b);
            if compare(a, b).is_le() && compare(b, c).is_le() {
                prop_assert!(compare(a, c).is_le());
            }
        }
    }
}
