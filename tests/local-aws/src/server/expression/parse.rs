//! Text to [`Expression`], by recursive descent: comparison, sum, product, sign, primary.

use super::{Expression, Function, Operator, Search};

/// Parentheses and calls may nest this deep.
const MAX_NESTING: usize = 40;

const FUNCTIONS: [(&str, Function); 15] = [
    ("SUM", Function::Sum),
    ("AVG", Function::Avg),
    ("MIN", Function::Min),
    ("MAX", Function::Max),
    ("RATE", Function::Rate),
    ("DIFF", Function::Diff),
    ("FILL", Function::Fill),
    ("IF", Function::If),
    ("PERIOD", Function::Period),
    ("METRICS", Function::Metrics),
    ("ABS", Function::Abs),
    ("CEIL", Function::Ceil),
    ("FLOOR", Function::Floor),
    ("EPOCH", Function::Epoch),
    ("SORT", Function::Sort),
];

const COMPARISONS: [(&str, Operator); 6] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];
const SUMS: [(&str, Operator); 2] = [("+", Operator::Add), ("-", Operator::Subtract)];
const PRODUCTS: [(&str, Operator); 2] = [("*", Operator::Multiply), ("/", Operator::Divide)];

/// Errors are sentences that name what is not supported.
pub fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser { rest: text, nesting: 0 };
    let expression = parser.comparison()?;
    parser.skip_space();
    if parser.rest.is_empty() { Ok(expression) } else { Err(format!("\"{}\" is not supported here.", parser.rest)) }
}

struct Parser<'a> {
    rest: &'a str,
    nesting: usize,
}

impl<'a> Parser<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) {
            return Ok(());
        }
        Err(format!("\"{token}\" is missing before \"{}\".", self.rest))
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err("the expression is nested too deeply.".to_owned());
        }
        let expression = self.left_to_right(&COMPARISONS, |parser| {
            parser.left_to_right(&SUMS, |parser| parser.left_to_right(&PRODUCTS, Self::signed))
        });
        self.nesting -= 1;
        expression
    }

    fn left_to_right(
        &mut self,
        operators: &[(&str, Operator)],
        operand: impl Fn(&mut Self) -> Result<Expression, String>,
    ) -> Result<Expression, String> {
        let mut left = operand(self)?;
        while let Some((_, operator)) = operators.iter().find(|(token, _)| self.eat(token)) {
            let right = operand(self)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expression, String> {
        let mut is_negative = false;
        while self.eat("-") {
            is_negative = !is_negative;
        }
        let primary = self.primary()?;
        Ok(if is_negative { Expression::Negative(Box::new(primary)) } else { primary })
    }

    fn primary(&mut self) -> Result<Expression, String> {
        self.skip_space();
        match self.rest.chars().next() {
            None => Err("the expression ends too early.".to_owned()),
            Some('(') => {
                self.expect("(")?;
                let inner = self.comparison()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some('[') => {
                self.expect("[")?;
                Ok(Expression::List(self.items("]")?))
            }
            Some(quote @ ('\'' | '"')) => self.text(quote).map(Expression::Text),
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.word(),
            Some(_) => Err(format!("\"{}\" is not supported here.", self.rest)),
        }
    }

    fn items(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.eat(end) {
            return Ok(items);
        }
        loop {
            items.push(self.comparison()?);
            if self.eat(end) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn text(&mut self, quote: char) -> Result<String, String> {
        let inner = &self.rest[1..];
        let end = inner.find(quote).ok_or("a quotation mark is missing.")?;
        self.rest = &inner[end + 1..];
        Ok(inner[..end].to_owned())
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn number(&mut self) -> Result<Expression, String> {
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '.');
        let number = digits.parse().map_err(|_| format!("\"{digits}\" is not a number."))?;
        Ok(Expression::Number(number))
    }

    fn word(&mut self) -> Result<Expression, String> {
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if self.eat("(") {
            let arguments = self.items(")")?;
            return call(word, arguments);
        }
        let is_id = word.starts_with(|c: char| c.is_ascii_lowercase());
        match word {
            _ if is_id => Ok(Expression::Id(word.to_owned())),
            "REPEAT" | "LINEAR" | "AVG" | "MIN" | "MAX" | "SUM" | "ASC" | "DESC" => {
                Ok(Expression::Word(word.to_owned()))
            }
            _ => Err(format!("{word} is not supported.")),
        }
    }
}

fn call(name: &str, arguments: Vec<Expression>) -> Result<Expression, String> {
    if name == "SEARCH" {
        return search(&arguments);
    }
    let function = FUNCTIONS.iter().find(|(known, _)| *known == name);
    let (_, function) = function.ok_or_else(|| format!("the function {name} is not supported."))?;
    let allowed = match function {
        Function::If => 3..=3,
        Function::Fill => 2..=2,
        Function::Metrics => 0..=1,
        Function::Sort => 3..=4,
        Function::Sum
        | Function::Avg
        | Function::Min
        | Function::Max
        | Function::Rate
        | Function::Diff
        | Function::Period
        | Function::Abs
        | Function::Ceil
        | Function::Floor
        | Function::Epoch => 1..=1,
    };
    if !allowed.contains(&arguments.len()) {
        return Err(format!("{name} does not take {} arguments.", arguments.len()));
    }
    Ok(Expression::Call(*function, arguments))
}

fn search(arguments: &[Expression]) -> Result<Expression, String> {
    let (query, statistic, period) = match arguments {
        [Expression::Text(query), Expression::Text(statistic)] => (query, statistic, 300.0),
        [Expression::Text(query), Expression::Text(statistic), Expression::Number(period)] => {
            (query, statistic, *period)
        }
        _ => return Err("SEARCH takes a text, a statistic and a period.".to_owned()),
    };
    Search::parse(query, statistic, period as i64).map(Expression::Search)
}
