// Signals of whole applications.
import React from 'react';
import { EditorRow } from '@grafana/plugin-ui';
import type { ApplicationQuery } from '../types';
import type { EditorProps } from './editor';
import { ShapeField } from './fields/ShapeField';
import { SignalsField } from './fields/SignalsField';
import { TopField } from './fields/TopField';

const SHAPES = [
  { value: 'series', label: 'Series', description: 'one line per application and signal' },
  {
    value: 'table',
    label: 'Table',
    description: 'one row per application: health, status, runtime, size, signals, cost',
  },
] as const;

export function ApplicationEditor({
  query,
  onEdit,
  signals,
  errors,
  gaps,
  isOfAnnotation,
}: EditorProps<ApplicationQuery>) {
  return (
    <EditorRow>
      <SignalsField query={query} signals={signals} error={errors.signals} hint={gaps.signals} onEdit={onEdit} />
      {query.as !== 'table' && <TopField query={query} signals={signals} error={errors.top} onEdit={onEdit} />}
      <ShapeField
        {...{ query, isOfAnnotation, onEdit }}
        value={query.as ?? 'series'}
        options={SHAPES}
        error={errors.as}
      />
    </EditorRow>
  );
}
