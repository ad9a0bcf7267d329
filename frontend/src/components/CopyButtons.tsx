// The query as text: for files, tickets and alert rules, which have no editor.
import { ClipboardButton, Stack } from '@grafana/ui';
import React from 'react';
import { alertRuleYaml } from '../query/alert_rule';
import { signalsOf } from '../query/describe';
import type { Choice, FlinkQuery } from '../types';
import { withoutVariables } from './editor';
import type { EditorSource } from './editor';

interface CopyButtonsProps {
  query: FlinkQuery;
  source: EditorSource;
  signals: Choice[];
}

export function CopyButtons({ query, source, signals }: CopyButtonsProps) {
  return (
    <Stack gap={1} wrap="wrap">
      <ClipboardButton variant="secondary" size="sm" icon="copy" getText={() => JSON.stringify(query, null, 2)}>
        Copy as JSON
      </ClipboardButton>
      <ClipboardButton
        variant="secondary"
        size="sm"
        icon="bell"
        getText={() => {
          // A rule has no variables: it gets their values. A query that cannot be asked now is copied as it stands.
          const resolved = withoutVariables(query, source);
          const first = signals.find(({ value }) => value === signalsOf(query)[0]);
          return alertRuleYaml('query' in resolved ? resolved.query : query, source, first?.signal?.good === 'up');
        }}
      >
        Copy as alert rule
      </ClipboardButton>
    </Stack>
  );
}
