// Transformations of Grafana that several panels need.

interface Transformation {
  id: string;
  options: object;
}

export function rowsWhere(column: string, config: { id: string; options: object }): Transformation {
  const filters = [{ fieldName: column, config }];
  return { id: 'filterByValue', options: { type: 'include', match: 'all', filters } };
}

/** The last value of the column is then the sum of those that there are. Grafana's own sum of none is 0, which is no number of a fleet whose
 * metrics are not listed yet. */
export function sumOf(column: string): Transformation[] {
  const total = { mode: 'cumulativeFunctions', cumulative: { field: column, reducer: 'sum' } };
  return [
    rowsWhere(column, { id: 'isNotNull', options: {} }),
    { id: 'calculateField', options: { ...total, alias: column, replaceFields: true } },
  ];
}
