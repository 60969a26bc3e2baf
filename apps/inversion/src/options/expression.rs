//! Values as Python writes them: numbers and their arithmetic, strings, names, lists. Nothing is
//! executed.

use super::value::Value;

/// Parentheses and lists in one another, at most.
const DEEPEST: usize = 32;

/// Names that stand for themselves.
const NAMES: [&str; 3] = ["FdemData", "TdemData", "TempestData"];

/// Understands the value of an option.
///
/// # Errors
/// A sentence: what is not understood.
pub(super) fn value(text: &str) -> Result<Value, String> {
    let mut reader = Reader {
        rest: text,
        depth: 0,
    };
    let value = reader.value()?;
    reader.skip_blanks();
    match reader.rest {
        "" => Ok(value),
        rest if rest.starts_with('#') => Ok(value),
        rest => Err(unexpected(rest)),
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, String> {
        self.deeper()?;
        self.skip_blanks();
        let value = match self.rest.chars().next() {
            Some('[') => self.list('[', ']'),
            Some(quote @ ('"' | '\'')) => self.string(quote),
            Some(first) if first.is_alphabetic() || first == '_' => self.name(),
            _ => self.sum(),
        };
        self.depth -= 1;
        value
    }

    fn list(&mut self, open: char, close: char) -> Result<Value, String> {
        self.take(open);
        let mut values = Vec::new();
        loop {
            if self.take(close) {
                return Ok(Value::List(values));
            }
            values.push(self.value()?);
            if !self.take(',') && !self.rest.starts_with(close) {
                return Err(format!("a list does not end: {close} is expected"));
            }
        }
    }

    fn string(&mut self, quote: char) -> Result<Value, String> {
        self.take(quote);
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            if character == quote {
                self.rest = &self.rest[at + 1..];
                return Ok(Value::Text(text));
            }
            text.push(match character {
                '\\' => match characters.next() {
                    Some((_, escaped @ ('\\' | '"' | '\''))) => escaped,
                    _ => return Err("in strings, a backslash must be doubled".into()),
                },
                plain => plain,
            });
        }
        Err(format!("a string does not end: {quote} is expected"))
    }

    fn name(&mut self) -> Result<Value, String> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let value = match name {
            "None" => Value::None,
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            name if NAMES.contains(&name) => Value::Text(name.into()),
            name => {
                return Err(format!(
                    "{name} is no value: options are numbers, strings, True, False, None and \
                     lists, \
                     and nothing is executed"
                ));
            }
        };
        self.rest = rest;
        Ok(value)
    }

    fn sum(&mut self) -> Result<Value, String> {
        let mut left = self.product()?;
        loop {
            if self.take('+') {
                left = arithmetic('+', &left, &self.product()?)?;
            } else if self.take('-') {
                left = arithmetic('-', &left, &self.product()?)?;
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Value, String> {
        let mut left = self.signed()?;
        loop {
            self.skip_blanks();
            if self.rest.starts_with("**") {
                return Ok(left);
            } else if self.take('*') {
                left = arithmetic('*', &left, &self.signed()?)?;
            } else if self.take('/') {
                left = arithmetic('/', &left, &self.signed()?)?;
            } else {
                return Ok(left);
            }
        }
    }

    fn signed(&mut self) -> Result<Value, String> {
        self.deeper()?;
        let value = if self.take('-') {
            let value = self.signed()?;
            arithmetic('-', &Value::Integer(0), &value).map(|zero| negative(&value, zero))
        } else if self.take('+') {
            self.signed()
        } else {
            self.power()
        };
        self.depth -= 1;
        value
    }

    fn power(&mut self) -> Result<Value, String> {
        let base = self.atom()?;
        self.skip_blanks();
        match self.rest.strip_prefix("**") {
            Some(rest) => {
                self.rest = rest;
                // The exponent binds less than its own sign: 10**-3.
                arithmetic('^', &base, &self.signed()?)
            }
            None => Ok(base),
        }
    }

    fn atom(&mut self) -> Result<Value, String> {
        if self.take('(') {
            self.deeper()?;
            let value = self.sum()?;
            self.depth -= 1;
            return if self.take(')') {
                Ok(value)
            } else {
                Err(") is expected".into())
            };
        }
        self.number()
    }

    fn number(&mut self) -> Result<Value, String> {
        self.skip_blanks();
        let text = self.rest;
        let digits = |from: usize| {
            let tail = text[from..].bytes();
            from + tail
                .take_while(|b| b.is_ascii_digit() || *b == b'_')
                .count()
        };
        let whole = digits(0);
        let mut end = whole;
        if text[end..].starts_with('.') {
            end = digits(end + 1);
        }
        if text[end..].starts_with(['e', 'E']) {
            let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        if end == 0 || &text[..end] == "." {
            return Err(unexpected(text));
        }
        let number = text[..end].replace('_', "");
        self.rest = &text[end..];
        if end == whole && number.len() > 1 && number.starts_with('0') {
            return Err(format!("{number}: a whole number does not begin with 0"));
        }
        if end == whole
            && let Ok(number) = number.parse()
        {
            return Ok(Value::Integer(number));
        }
        finite(number.parse().unwrap_or(f64::NAN), &number)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("parentheses, signs and lists are nested too deeply".into());
        }
        Ok(())
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

/// `-value`; of 0.0 it is -0.0, which 0 - 0.0 is not.
fn negative(value: &Value, zero_less: Value) -> Value {
    match value {
        Value::Float(number) => Value::Float(-number),
        _ => zero_less,
    }
}

/// As Python does it: whole numbers stay whole, but for `/` and negative powers.
fn arithmetic(operator: char, left: &Value, right: &Value) -> Result<Value, String> {
    if let (Value::Integer(a), Value::Integer(b)) = (left, right) {
        let whole = match operator {
            '+' => a.checked_add(*b),
            '-' => a.checked_sub(*b),
            '*' => a.checked_mul(*b),
            '^' => u32::try_from(*b).ok().and_then(|b| a.checked_pow(b)),
            _ => None,
        };
        if let Some(whole) = whole {
            return Ok(Value::Integer(whole));
        }
    }
    let (Some(a), Some(b)) = (left.number(), right.number()) else {
        return Err("arithmetic is for numbers".into());
    };
    let result = match operator {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' => a / b,
        _ => a.powf(b),
    };
    finite(result, "the result")
}

fn finite(number: f64, what: &str) -> Result<Value, String> {
    if number.is_finite() {
        Ok(Value::Float(number))
    } else {
        Err(format!("{what} is no finite number"))
    }
}

fn unexpected(rest: &str) -> String {
    let shown: String = rest.chars().take(20).collect();
    if shown.is_empty() {
        "a value is expected".into()
    } else {
        format!("{shown:?} is not understood: options are key = value, and nothing is executed")
    }
}
