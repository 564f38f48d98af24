//! Keys by QEMU's names for them (QKeyCode).

/// The first entry of a menu.
pub const HOME: &str = "home";
/// One entry further down.
pub const DOWN: &str = "down";
/// This one.
pub const ENTER: &str = "ret";

/// The keys that choose an item in one menu after the other, each counted from 0, wherever the choice
/// stands.
pub fn choose(route: &[usize]) -> Vec<&'static str> {
    let one = |&index: &usize| {
        let down = std::iter::repeat_n(DOWN, index);
        std::iter::once(HOME).chain(down).chain([ENTER])
    };
    route.iter().flat_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_counted_from_the_first() {
        assert_eq!(choose(&[0]), ["home", "ret"]);
        assert_eq!(choose(&[2]), ["home", "down", "down", "ret"]);
        assert_eq!(choose(&[1, 0]), ["home", "down", "ret", "home", "ret"]);
    }
}
