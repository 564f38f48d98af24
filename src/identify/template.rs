//! Texts with `{placeholders}`.

/// Puts values in place of placeholders; `value` gives `None` for a name that it does not know.
///
/// # Errors
/// The name of the placeholder that has no value.
pub(super) fn fill<'t>(
    template: &'t str,
    mut value: impl FnMut(&'t str) -> Option<String>,
) -> Result<String, &'t str> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').ok_or(after)?;
        out.push_str(&value(name).ok_or(name)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// The names of the placeholders in a template.
pub(super) fn names(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .map(|part| part.split_once('}').map_or(part, |(name, _)| name))
        .collect()
}

/// One blank between words and none at the ends: what is left when a placeholder was empty.
pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_the_unknown_one_is_named() {
        let value = |name: &str| (name == "a").then(|| "{b}".to_owned());
        assert_eq!(fill("x{a}y{a}", value), Ok("x{b}y{b}".to_owned()));
        assert_eq!(fill("{a}{c}", value), Err("c"));
        assert_eq!(fill("plain", value), Ok("plain".to_owned()));
        assert_eq!(fill("open {a", value), Err("a"));
        assert_eq!(names("/{dir}/x{a}"), ["dir", "a"]);
    }
}
