// A query that cannot be asked, in a sentence for who looks at the panel. It is the error of this query only.
export class QueryError extends Error {}

/** A field is nothing but variables without a value. */
export class MissingValue extends QueryError {
  constructor(variable: string) {
    super(`The variable $${variable} has no value.`);
  }
}
