// What an answer looks like: lines, or the table of its kind.
import React from 'react';
import { setShape } from '../../query/change';
import type { SignalQuery } from '../../query/change';
import { Radio } from './Radio';

type Shape<Q extends SignalQuery> = NonNullable<Q['as']>;

interface Props<Q extends SignalQuery> {
  query: Q;
  /** The query's shape, or the one it has by default. */
  value: Shape<Q>;
  options: readonly { value: Shape<Q>; label: string; description?: string }[];
  isOfAnnotation: boolean;
  error: string | undefined;
  onEdit: (query: Q) => void;
}

export function ShapeField<Q extends SignalQuery>({ query, value, options, isOfAnnotation, error, onEdit }: Props<Q>) {
  // An annotation needs points in time: who has a table can leave it, and nobody can choose one.
  return isOfAnnotation && value === 'series' ? null : (
    <Radio
      label="Show as"
      options={options}
      value={value}
      error={error}
      onChange={(as) => {
        onEdit(setShape(query, as));
      }}
    />
  );
}
