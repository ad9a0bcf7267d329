// The query as text: for files, tickets and alert rules, which have no editor.
import { ClipboardButton, Stack } from '@grafana/ui';
import React from 'react';
import type { Implied } from '../hooks/useImpliedApplication';
import { alertRuleYaml, asSeries, conditionOf, describeUnfitRule } from '../query/alert_rule';
import { signalsOf } from '../query/describe';
import type { Choice, FlinkQuery } from '../types';
import { asSent } from './editor';
import type { EditorSource } from './editor';

interface CopyButtonsProps {
  query: FlinkQuery;
  source: EditorSource;
  implied: Implied;
  signals: Choice[];
}

export function CopyButtons({ query, source, implied, signals }: CopyButtonsProps) {
  // A rule has no variables: it gets their values.
  const sent = asSent(query, source, implied);
  const unfit =
    'failure' in sent ? `An alert rule needs values: ${sent.failure}` : describeUnfitRule(sent.query, source);
  return (
    <Stack gap={1} wrap="wrap">
      <ClipboardButton variant="secondary" size="sm" icon="copy" getText={() => JSON.stringify(query, null, 2)}>
        Copy as JSON
      </ClipboardButton>
      <ClipboardButton
        variant="secondary"
        size="sm"
        icon="bell"
        disabled={unfit !== undefined}
        {...(unfit !== undefined && { tooltip: unfit })}
        getText={() => {
          const asked = 'query' in sent ? sent.query : query;
          const shown = signalsOf(asSeries(asked));
          const first = signals.find(({ value }) => value === shown[0]);
          return alertRuleYaml(asked, source, conditionOf(shown, first?.signal));
        }}
      >
        Copy as alert rule
      </ClipboardButton>
    </Stack>
  );
}
