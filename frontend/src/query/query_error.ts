// A query that cannot be asked, in a sentence for who looks at the panel. It is the error of this query only.
export class QueryError extends Error {}
