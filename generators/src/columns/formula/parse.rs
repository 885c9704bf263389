//! From the text of a formula to its parts, by recursive descent: comparisons bind least, then + and −, then
//! * and /, then a sign.

use super::expression::{Expression, Function};
use super::numbers;
use crate::error::{Result, SpecError, ensure, listed};
use crate::scope::{Scope, code_of};

/// The longest formula, in bytes; it bounds the depth of the descent with it.
const MAX_BYTES: usize = 1_000;
/// The deepest nesting.
const MAX_DEPTH: usize = 32;

/// Checks a formula against the columns before this one.
///
/// # Errors
/// A text that is no formula, a column that is not there or has no number, or a value that a category lacks.
pub(super) fn parse(text: &str, scope: &Scope) -> Result<Expression> {
    ensure(text.len() <= MAX_BYTES, "", format!("{} bytes long, {MAX_BYTES} are allowed", text.len()))?;
    let mut parser = Parser { text, at: 0, depth: 0, scope };
    let expression = parser.comparison()?;
    parser.skip_spaces();
    if parser.at < text.len() {
        return Err(parser.expected("an operator or the end"));
    }
    Ok(expression)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    scope: &'a Scope,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a sign if it comes next.
    fn take(&mut self, sign: &str) -> bool {
        self.skip_spaces();
        let there = self.rest().starts_with(sign);
        self.at += if there { sign.len() } else { 0 };
        there
    }

    fn expected(&self, what: &str) -> SpecError {
        let found = self.rest().chars().next().map_or("the end".to_owned(), |found| format!("{found:?}"));
        let place = self.text[..self.at].chars().count() + 1;
        SpecError::at("", format!("expected {what} at character {place} of {:?}, found {found}", self.text))
    }

    fn comparison(&mut self) -> Result<Expression> {
        self.depth += 1;
        ensure(self.depth <= MAX_DEPTH, "", format!("nested deeper than {MAX_DEPTH}"))?;
        let mut left = self.sum()?;
        let signs = [
            ("<=", Function::LessOrEqual, false),
            (">=", Function::LessOrEqual, true),
            ("!=", Function::NotEqual, false),
            ("<", Function::Less, false),
            (">", Function::Less, true),
            ("=", Function::Equal, false),
        ];
        if let Some((_, function, swapped)) = signs.into_iter().find(|(sign, ..)| self.take(sign)) {
            let right = self.sum()?;
            left = Expression::Call(function, if swapped { vec![right, left] } else { vec![left, right] });
        }
        self.depth -= 1;
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expression> {
        self.chain(&[("+", Function::Add), ("-", Function::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expression> {
        self.chain(&[("*", Function::Multiply), ("/", Function::Divide)], Self::value)
    }

    /// Parts with operators of one rank between them, taken from left to right.
    fn chain(
        &mut self,
        operators: &[(&str, Function)],
        part: fn(&mut Self) -> Result<Expression>,
    ) -> Result<Expression> {
        let mut left = part(self)?;
        while let Some((_, function)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            left = Expression::Call(*function, vec![left, part(self)?]);
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Expression> {
        let mut negative = false;
        while self.take("-") {
            negative = !negative;
        }
        let value = self.unsigned()?;
        let zero = || Expression::Number(0.0);
        Ok(if negative { Expression::Call(Function::Subtract, vec![zero(), value]) } else { value })
    }

    fn unsigned(&mut self) -> Result<Expression> {
        if self.take("(") {
            let inside = self.comparison()?;
            return if self.take(")") { Ok(inside) } else { Err(self.expected("\")\"")) };
        }
        self.skip_spaces();
        match self.rest().bytes().next() {
            Some(b'0'..=b'9' | b'.') => self.number(),
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.name(),
            _ => Err(self.expected("a number, a column, a function or \"(\"")),
        }
    }

    /// Takes what consists of the given bytes.
    fn word(&mut self, is_part: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest().bytes().take_while(|byte| is_part(*byte)).count();
        let word = &self.rest()[..length];
        self.at += length;
        word
    }

    fn number(&mut self) -> Result<Expression> {
        let start = self.at;
        let word = self.word(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_');
        word.replace('_', "").parse().map(Expression::Number).map_err(|_| {
            self.at = start;
            self.expected("a number")
        })
    }

    fn name(&mut self) -> Result<Expression> {
        let name = self.word(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if self.take("(") { self.call(name) } else { self.column(name) }
    }

    fn call(&mut self, name: &str) -> Result<Expression> {
        let found = Function::NAMED.iter().find(|(known, ..)| *known == name);
        let (_, function, count) = found.ok_or_else(|| {
            let known = listed(Function::NAMED.iter().map(|(known, ..)| *known));
            SpecError::at("", format!("there is no function {name:?}: use one of {known}"))
        })?;
        let mut arguments = vec![self.comparison()?];
        while self.take(",") {
            arguments.push(self.comparison()?);
        }
        if !self.take(")") {
            return Err(self.expected("\",\" or \")\""));
        }
        let problem = format!("{name} takes {count} arguments, not {}", arguments.len());
        ensure(arguments.len() == *count, "", problem)?;
        Ok(Expression::Call(*function, arguments))
    }

    fn column(&mut self, name: &str) -> Result<Expression> {
        let index = self.scope.index(name)?;
        let column = self.scope.column(index);
        let nullable = self.scope.is_nullable(index);
        if let Some(categories) = column.categories() {
            let differs = self.take("!=");
            if !differs && !self.take("=") {
                return Err(self.expected(&format!("= or != and a value of the category {name:?}")));
            }
            let code = code_of(name, categories, self.text_value()?)?;
            let is = Expression::Is { index, nullable, code };
            let zero = Expression::Number(0.0);
            return Ok(if differs { Expression::Call(Function::Equal, vec![is, zero]) } else { is });
        }
        let problem = format!("column {name:?} of type {} has no number", column.data_type());
        ensure(numbers::reads_type(&column.data_type()), "", problem)?;
        Ok(Expression::Column { index, nullable })
    }

    /// A text in quotation marks.
    fn text_value(&mut self) -> Result<&'a str> {
        if !self.take("\"") && !self.take("'") {
            return Err(self.expected("a text in quotation marks"));
        }
        let mark = self.text.as_bytes()[self.at - 1];
        let value = self.word(|byte| byte != mark);
        if self.rest().is_empty() {
            return Err(self.expected("a quotation mark"));
        }
        self.at += 1;
        Ok(value)
    }
}
