// What an answer looks like: lines, or the table of its kind.
import React from 'react';
import { setShape } from '../../query/change';
import type { ShapedQuery } from '../../query/change';
import { rowOf } from '../../query/kinds/registry';
import { Radio } from './Radio';

interface Props {
  query: ShapedQuery;
  isOfAnnotation: boolean;
  error: string | undefined;
  onEdit: (query: ShapedQuery) => void;
}

export function ShapeField({ query, isOfAnnotation, error, onEdit }: Props) {
  const { shapes } = rowOf(query);
  const [usual] = shapes;
  const value = query.as ?? usual?.value;
  // An annotation needs points in time: who has a table can leave it, and nobody can choose one.
  const isSettled = shapes.length < 2 || (isOfAnnotation && value === usual?.value);
  return isSettled || value === undefined ? null : (
    <Radio
      label="Show as"
      options={shapes}
      value={value}
      error={error}
      onChange={(as) => {
        onEdit(setShape(query, as));
      }}
    />
  );
}
