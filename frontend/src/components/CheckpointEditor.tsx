// The checkpoints of applications. The summary has columns of its own, so it takes no signals.
import React from 'react';
import { EditorRow } from '@grafana/plugin-ui';
import type { CheckpointQuery } from '../types';
import type { EditorProps } from './editor';
import { ShapeField } from './fields/ShapeField';
import { SignalsField } from './fields/SignalsField';

const SHAPES = [
  { value: 'series', label: 'Series', description: 'one line per application and signal' },
  { value: 'summary', label: 'Summary', description: 'latest, minimum, average and maximum of duration and size' },
] as const;

export function CheckpointEditor({
  query,
  onEdit,
  signals,
  errors,
  gaps,
  isOfAnnotation,
}: EditorProps<CheckpointQuery>) {
  const shape = query.as ?? 'series';
  return (
    <EditorRow>
      {shape === 'series' && (
        <SignalsField query={query} signals={signals} error={errors.signals} hint={gaps.signals} onEdit={onEdit} />
      )}
      <ShapeField {...{ query, isOfAnnotation, onEdit }} value={shape} options={SHAPES} error={errors.as} />
    </EditorRow>
  );
}
