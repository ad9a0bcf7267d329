// The signals of a query, with limit and shape where its kind has them.
import React from 'react';
import { EditorRow } from '@grafana/plugin-ui';
import type { SignalQuery } from '../../query/change';
import { hasField, rowOf } from '../../query/kinds/registry';
import type { EditorProps } from '../editor';
import { ShapeField } from '../fields/ShapeField';
import { SignalsField } from '../fields/SignalsField';
import { TopField } from '../fields/TopField';

export function SignalsEditor({ query, onEdit, signals, errors, gaps, isOfAnnotation }: EditorProps<SignalQuery>) {
  const shape = rowOf(query).shapes.find(({ value }) => value === query.as);
  return (
    <EditorRow>
      {shape?.hides !== 'signals' && (
        <SignalsField query={query} signals={signals} error={errors.signals} hint={gaps.signals} onEdit={onEdit} />
      )}
      {hasField(query, 'top') && shape?.drops !== 'top' && (
        <TopField query={query} signals={signals} error={errors.top} onEdit={onEdit} />
      )}
      <ShapeField query={query} isOfAnnotation={isOfAnnotation} error={errors.as} onEdit={onEdit} />
    </EditorRow>
  );
}
