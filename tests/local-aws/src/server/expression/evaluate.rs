//! Values of expressions. Series meet where both have a point; what is not finite is no point.

use std::collections::BTreeMap;

use super::{Expression, Function, Line, Operator, Scope, Value};

pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<Value, String> {
    match expression {
        Expression::Number(number) => Ok(Value::Number(*number)),
        Expression::Id(id) => scope.query(id).map(|value| (*value).clone()),
        Expression::Search(search) => Ok(Value::Lines(scope.search(search))),
        Expression::List(items) => list(items, scope).map(Value::Lines),
        Expression::Negative(inner) => {
            let value = evaluate(inner, scope)?;
            Ok(map(value, |number| -number))
        }
        Expression::Binary(operator, left, right) => {
            let (left, right) = (evaluate(left, scope)?, evaluate(right, scope)?);
            combine(left, right, |a, b| operate(*operator, a, b))
        }
        Expression::Call(function, arguments) => call(*function, arguments, scope),
        Expression::Text(text) | Expression::Word(text) => Err(format!("{text} is not supported here.")),
    }
}

fn operate(operator: Operator, a: f64, b: f64) -> f64 {
    let truth = |is_true: bool| f64::from(u8::from(is_true));
    match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Less => truth(a < b),
        Operator::LessOrEqual => truth(a <= b),
        Operator::Greater => truth(a > b),
        Operator::GreaterOrEqual => truth(a >= b),
        Operator::Equal => truth(a == b),
        Operator::NotEqual => truth(a != b),
    }
}

fn call(function: Function, arguments: &[Expression], scope: &dyn Scope) -> Result<Value, String> {
    let argument = |position: usize| match arguments.get(position) {
        Some(expression) => evaluate(expression, scope),
        None => Err("an argument is missing.".to_owned()),
    };
    match function {
        Function::Sum => Ok(aggregate(argument(0)?, |numbers| numbers.iter().sum())),
        Function::Avg => Ok(aggregate(argument(0)?, |numbers| numbers.iter().sum::<f64>() / numbers.len() as f64)),
        Function::Min => Ok(aggregate(argument(0)?, |numbers| numbers.iter().copied().fold(f64::INFINITY, f64::min))),
        Function::Max => {
            Ok(aggregate(argument(0)?, |numbers| numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)))
        }
        Function::Rate => change(argument(0)?, |rise, seconds| rise / seconds),
        Function::Diff => change(argument(0)?, |rise, _| rise),
        Function::Abs => Ok(map(argument(0)?, f64::abs)),
        Function::Ceil => Ok(map(argument(0)?, f64::ceil)),
        Function::Floor => Ok(map(argument(0)?, f64::floor)),
        Function::Epoch => match argument(0)? {
            Value::Line(line) => {
                let points = line.points.iter().map(|(at, _)| (*at, *at as f64)).collect();
                Ok(Value::Line(Line { points, ..line }))
            }
            Value::Number(_) | Value::Lines(_) => Err("EPOCH takes one metric.".to_owned()),
        },
        Function::Period => match argument(0)? {
            Value::Line(line) => Ok(Value::Number(line.period as f64)),
            Value::Number(_) | Value::Lines(_) => Err("PERIOD takes one metric.".to_owned()),
        },
        Function::Metrics => match arguments {
            [] => scope.metrics("").map(Value::Lines),
            [Expression::Text(part)] => scope.metrics(part).map(Value::Lines),
            _ => Err("METRICS takes a text.".to_owned()),
        },
        Function::Sort => match arguments {
            [sorted, Expression::Word(by), Expression::Word(order), limit @ ..] => {
                sort(evaluate(sorted, scope)?, (by, order), limit)
            }
            _ => Err("SORT takes metrics, AVG, MIN, MAX or SUM, and ASC or DESC.".to_owned()),
        },
        Function::If => choose(argument(0)?, argument(1)?, argument(2)?),
        Function::Fill => match arguments {
            [filled, Expression::Word(word)] if word == "REPEAT" => {
                each_line(evaluate(filled, scope)?, |line| repeat(line, scope))
            }
            [filled, Expression::Word(_)] => each_line(evaluate(filled, scope)?, |line| interpolate(line, scope)),
            _ => fill(argument(0)?, argument(1)?, scope),
        },
    }
}

fn list(items: &[Expression], scope: &dyn Scope) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for item in items {
        match evaluate(item, scope)? {
            Value::Line(line) => lines.push(line),
            Value::Lines(more) => lines.extend(more),
            Value::Number(_) => return Err("a list takes metrics, not numbers.".to_owned()),
        }
    }
    Ok(lines)
}

fn map(value: Value, change: impl Fn(f64) -> f64) -> Value {
    let map_line =
        |line: Line| Line { points: finite(line.points.iter().map(|(at, number)| (*at, change(*number)))), ..line };
    match value {
        Value::Number(number) => Value::Number(change(number)),
        Value::Line(line) => Value::Line(map_line(line)),
        Value::Lines(lines) => Value::Lines(lines.into_iter().map(map_line).collect()),
    }
}

fn finite(points: impl Iterator<Item = (i64, f64)>) -> Vec<(i64, f64)> {
    points.filter(|(_, number)| number.is_finite()).collect()
}

fn combine(left: Value, right: Value, operate: impl Fn(f64, f64) -> f64) -> Result<Value, String> {
    Ok(match (left, right) {
        (Value::Number(a), Value::Number(b)) => Value::Number(operate(a, b)),
        (lines, Value::Number(b)) => map(lines, |a| operate(a, b)),
        (Value::Number(a), lines) => map(lines, |b| operate(a, b)),
        (Value::Line(a), Value::Line(b)) => Value::Line(meet(a, &b, &operate)),
        (Value::Lines(lines), Value::Line(b)) => {
            Value::Lines(lines.into_iter().map(|a| meet(a, &b, &operate)).collect())
        }
        (Value::Line(a), Value::Lines(lines)) => {
            let flipped = |y, x| operate(x, y);
            Value::Lines(lines.into_iter().map(|b| meet(b, &a, flipped)).collect())
        }
        (Value::Lines(_), Value::Lines(_)) => {
            return Err("an operation on two lists is not supported.".to_owned());
        }
    })
}

fn meet(a: Line, b: &Line, operate: impl Fn(f64, f64) -> f64) -> Line {
    let others: BTreeMap<i64, f64> = b.points.iter().copied().collect();
    let common = a.points.iter().filter_map(|(at, x)| others.get(at).map(|y| (*at, operate(*x, *y))));
    Line { points: finite(common), period: a.period.max(b.period), ..a }
}

/// Of one series: over time. Of several: at each time, over those that have a point.
fn aggregate(value: Value, fold: impl Fn(&[f64]) -> f64) -> Value {
    let lines = match value {
        Value::Number(number) => return Value::Number(fold(&[number])),
        Value::Line(line) => {
            let numbers: Vec<f64> = line.points.iter().map(|(_, number)| *number).collect();
            return Value::Number(fold(&numbers));
        }
        Value::Lines(lines) => lines,
    };
    let mut numbers: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (at, number) in lines.iter().flat_map(|line| &line.points) {
        numbers.entry(*at).or_default().push(*number);
    }
    Value::Line(Line {
        label: String::new(),
        origin: None,
        period: lines.iter().map(|line| line.period).max().unwrap_or(60),
        points: finite(numbers.iter().map(|(at, numbers)| (*at, fold(numbers)))),
    })
}

/// Series by one number each, those without points last; the limit keeps the first.
fn sort(value: Value, (by, order): (&str, &str), limit: &[Expression]) -> Result<Value, String> {
    let Value::Lines(lines) = value else {
        return Err("SORT takes several metrics.".to_owned());
    };
    let fold: fn(&[f64]) -> f64 = match by {
        "AVG" => |numbers| numbers.iter().sum::<f64>() / numbers.len() as f64,
        "SUM" => |numbers| numbers.iter().sum(),
        "MIN" => |numbers| numbers.iter().copied().fold(f64::INFINITY, f64::min),
        "MAX" => |numbers| numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        _ => return Err(format!("SORT does not know {by}.")),
    };
    let number = |line: &Line| {
        let numbers: Vec<f64> = line.points.iter().map(|(_, number)| *number).collect();
        (!numbers.is_empty()).then(|| fold(&numbers))
    };
    let (mut sorted, empty): (Vec<_>, Vec<_>) =
        lines.into_iter().map(|line| (number(&line), line)).partition(|(number, _)| number.is_some());
    let of = |(number, _): &(Option<f64>, Line)| number.unwrap_or_default();
    match order {
        "ASC" => sorted.sort_by(|a, b| of(a).total_cmp(&of(b))),
        "DESC" => sorted.sort_by(|a, b| of(b).total_cmp(&of(a))),
        _ => return Err(format!("SORT does not know {order}.")),
    }
    let most = match limit {
        [] => usize::MAX,
        [Expression::Number(most)] => *most as usize,
        _ => return Err("SORT takes a number as its limit.".to_owned()),
    };
    Ok(Value::Lines(sorted.into_iter().chain(empty).map(|(_, line)| line).take(most).collect()))
}

fn each_line(value: Value, change: impl Fn(Line) -> Line) -> Result<Value, String> {
    match value {
        Value::Number(_) => Err("a metric is needed, not a number.".to_owned()),
        Value::Line(line) => Ok(Value::Line(change(line))),
        Value::Lines(lines) => Ok(Value::Lines(lines.into_iter().map(change).collect())),
    }
}

/// Between each point and the one before; the first has none before it.
fn change(value: Value, of: impl Fn(f64, f64) -> f64) -> Result<Value, String> {
    each_line(value, |line| {
        let pairs = line.points.windows(2).map(|pair| {
            let ((before, from), (at, to)) = (pair[0], pair[1]);
            (at, of(to - from, (at - before) as f64))
        });
        Line { points: finite(pairs), ..line }
    })
}

fn choose(condition: Value, then: Value, otherwise: Value) -> Result<Value, String> {
    let line = match condition {
        Value::Number(number) => return Ok(if number == 0.0 { otherwise } else { then }),
        Value::Lines(_) => return Err("IF takes one metric as its condition.".to_owned()),
        Value::Line(line) => line,
    };
    let (then, otherwise) = (lookup(then)?, lookup(otherwise)?);
    let chosen = line.points.iter().filter_map(|(at, number)| {
        let value = if *number == 0.0 { otherwise(*at) } else { then(*at) };
        Some((*at, value?))
    });
    Ok(Value::Line(Line { points: finite(chosen), ..line.clone() }))
}

type Lookup = Box<dyn Fn(i64) -> Option<f64>>;

fn lookup(value: Value) -> Result<Lookup, String> {
    match value {
        Value::Number(number) => Ok(Box::new(move |_| Some(number))),
        Value::Line(line) => {
            let points: BTreeMap<i64, f64> = line.points.into_iter().collect();
            Ok(Box::new(move |at| points.get(&at).copied()))
        }
        Value::Lines(_) => Err("a list is not supported here.".to_owned()),
    }
}

fn fill(filled: Value, filler: Value, scope: &dyn Scope) -> Result<Value, String> {
    let filler = lookup(filler)?;
    each_line(filled, |line| {
        let own: BTreeMap<i64, f64> = line.points.iter().copied().collect();
        let buckets = scope.buckets(line.period).into_iter();
        let points = buckets.filter_map(|at| Some((at, own.get(&at).copied().or_else(|| filler(at))?)));
        Line { points: finite(points), ..line }
    })
}

fn repeat(line: Line, scope: &dyn Scope) -> Line {
    let own: BTreeMap<i64, f64> = line.points.iter().copied().collect();
    let buckets = scope.buckets(line.period).into_iter();
    let last = |at: i64| own.range(..=at).next_back().map(|(_, number)| *number);
    Line { points: buckets.filter_map(|at| Some((at, last(at)?))).collect(), ..line }
}

fn interpolate(line: Line, scope: &dyn Scope) -> Line {
    let own: BTreeMap<i64, f64> = line.points.iter().copied().collect();
    let between = |at: i64| {
        let (before, from) = own.range(..=at).next_back()?;
        let (after, to) = own.range(at..).next()?;
        let share = (at - before) as f64 / (after - before).max(1) as f64;
        Some(from + (to - from) * share)
    };
    let buckets = scope.buckets(line.period).into_iter();
    Line { points: buckets.filter_map(|at| Some((at, between(at)?))).collect(), ..line }
}
