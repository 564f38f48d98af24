//! Words of GRUB's script language.

/// Most tokens of one config.
const TOKENS_MAX: usize = 1 << 16;
/// Most pieces of one word.
const PIECES_MAX: usize = 256;

/// Part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Itself.
    Text(String),
    /// The value of a variable, which is split at its blanks unless it is quoted.
    Variable {
        /// Its name.
        name: String,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
}

/// What a config is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, with the line that it begins in.
    Word(Vec<Piece>, usize),
    /// The end of a command: a line end, `;`, `&&`, `||`, `|`.
    End,
    /// `{` that stands by itself.
    Open,
    /// `}` that stands by itself.
    Close,
}

struct Lexer<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    line: usize,
}

/// The tokens of a config; a quote that is never closed ends with the text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: text.chars().peekable(), line: 1 };
    let mut tokens = Vec::new();
    while tokens.len() < TOKENS_MAX
        && let Some(&c) = lexer.rest.peek()
    {
        match c {
            '\n' | ';' | '&' | '|' => {
                lexer.next();
                tokens.push(Token::End);
            }
            '#' => {
                while lexer.rest.peek().is_some_and(|&c| c != '\n') {
                    lexer.next();
                }
            }
            c if c.is_whitespace() => drop(lexer.next()),
            _ => {
                let line = lexer.line;
                let word = lexer.word();
                tokens.push(match word.as_slice() {
                    [Piece::Text(text)] if text == "{" && c == '{' => Token::Open,
                    [Piece::Text(text)] if text == "}" && c == '}' => Token::Close,
                    _ => Token::Word(word, line),
                });
            }
        }
    }
    tokens
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.line = self.line.saturating_add(1);
        }
        Some(c)
    }

    fn word(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        // Quotes make a word even if nothing is in them.
        let mut quotes = false;
        while let Some(&c) = self.rest.peek() {
            match c {
                '\'' => {
                    quotes = true;
                    self.next();
                    while let Some(c) = self.next().filter(|&c| c != '\'') {
                        text.push(c);
                    }
                }
                '"' => {
                    quotes = true;
                    self.next();
                    self.double_quoted(&mut text, &mut pieces);
                }
                '\\' => {
                    self.next();
                    // Before a line end it joins the lines.
                    match self.next() {
                        Some('\r') => drop(self.rest.next_if_eq(&'\n')),
                        Some('\n') | None => {}
                        Some(c) => text.push(c),
                    }
                }
                '$' => self.variable(false, &mut text, &mut pieces),
                ';' | '&' | '|' => break,
                c if c.is_whitespace() => break,
                '{' | '}' if !text.is_empty() || !pieces.is_empty() => {
                    text.push(c);
                    self.next();
                }
                '{' | '}' => {
                    self.next();
                    text.push(c);
                    if self.rest.peek().is_none_or(|c| c.is_whitespace() || *c == ';') {
                        break;
                    }
                }
                c => {
                    text.push(c);
                    self.next();
                }
            }
        }
        if !text.is_empty() || (quotes && pieces.is_empty()) {
            pieces.push(Piece::Text(text));
        }
        pieces
    }

    fn double_quoted(&mut self, text: &mut String, pieces: &mut Vec<Piece>) {
        while let Some(&c) = self.rest.peek() {
            match c {
                '"' => {
                    self.next();
                    return;
                }
                '$' => self.variable(true, text, pieces),
                '\\' => {
                    self.next();
                    match self.next() {
                        Some(c @ ('"' | '$' | '\\')) => text.push(c),
                        Some('\n') | None => {}
                        Some(c) => text.extend(['\\', c]),
                    }
                }
                c => {
                    text.push(c);
                    self.next();
                }
            }
        }
    }

    /// `$name` or `${name}`; a dollar sign before anything else is itself.
    fn variable(&mut self, quoted: bool, text: &mut String, pieces: &mut Vec<Piece>) {
        self.next();
        let braces = self.rest.next_if_eq(&'{').is_some();
        let mut name = String::new();
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        while let Some(c) = self.rest.next_if(is_name) {
            name.push(c);
        }
        // `$?`, `$1` and the like have no value here.
        if name.is_empty() && !braces && self.rest.peek().is_some_and(|c| "?@*#".contains(*c)) {
            self.next();
        } else if name.is_empty() && !braces {
            text.push('$');
            return;
        }
        if braces {
            while let Some(c) = self.rest.next_if(|&c| c != '\n' && c != '"') {
                if c == '}' {
                    break;
                }
            }
        }
        if pieces.len() < PIECES_MAX {
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(text)));
            }
            pieces.push(Piece::Variable { name, quoted });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable { name, quoted: true } => format!("<\"{name}\">"),
            Piece::Variable { name, quoted: false } => format!("<{name}>"),
        };
        let token = |token: &Token| match token {
            Token::Word(pieces, line) => {
                format!("{line}:{}", pieces.iter().map(piece).collect::<String>())
            }
            Token::End => ";".to_owned(),
            Token::Open => "{".to_owned(),
            Token::Close => "}".to_owned(),
        };
        tokens(text).iter().map(token).collect()
    }

    #[test]
    fn quotes_escapes_variables_and_comments_are_the_shells() {
        assert_eq!(
            shown("menuentry 'a b' --id x{y {\n  linux \"$p/k $q\" a\\ b # c\n}"),
            [
                "1:menuentry",
                "1:a b",
                "1:--id",
                "1:x{y",
                "{",
                ";",
                "2:linux",
                "2:<\"p\">/k <\"q\">",
                "2:a b",
                ";",
                "}"
            ]
        );
        assert_eq!(shown("a${b}c;d\\\n  e ''"), ["1:a<b>c", ";", "1:d", "2:e", "2:"]);
        assert_eq!(shown("x=$ \"un"), ["1:x=$", "1:un"]);
        assert_eq!(shown("a#b"), ["1:a#b"]);
    }
}
