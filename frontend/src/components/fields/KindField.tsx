// What a query asks for.
import React, { useId } from 'react';
import type { SelectableValue } from '@grafana/data';
import { Select, Stack, Text } from '@grafana/ui';
import { groupBy } from 'lodash';
import type { Place } from '../../hooks/useImpliedApplication';
import { isKind, KINDS, ROWS } from '../../query/kinds/registry';
import type { Kind } from '../../types';
import { LabeledField } from './LabeledField';

/** Ten kinds under three headings. */
const MENU_HEIGHT = 520;

interface KindFieldProps {
  kind: Kind;
  /** What the query is part of: not every kind can be part of everything. */
  place: Place;
  error?: string | undefined;
  onChange: (kind: Kind) => void;
}

export function KindField({ kind, place, error, onChange }: KindFieldProps) {
  const inputId = useId();
  return (
    <LabeledField label="Query" inputId={inputId} error={error}>
      <Select<Kind>
        inputId={inputId}
        options={optionsOf(KINDS.filter((each) => each === kind || isPossible(each, place)))}
        // A saved query may be of a kind that only a newer version knows.
        value={isKind(kind) ? optionOf(kind) : { value: kind, label: kind }}
        width={28}
        formatOptionLabel={(option, { context }) => (context === 'menu' ? <InOneLine {...option} /> : option.label)}
        // All kinds in sight.
        maxMenuHeight={MENU_HEIGHT}
        onChange={({ value }) => {
          if (value !== undefined) {
            onChange(value);
          }
        }}
      />
    </LabeledField>
  );
}

/** Grafana would put the description below the label, and half of the kinds below the end of the menu. */
function InOneLine({ label, title }: SelectableValue<Kind>) {
  return (
    <Stack gap={1} justifyContent="space-between" alignItems="baseline">
      {label}
      <Text variant="bodySmall" color="secondary">
        {title ?? ''}
      </Text>
    </Stack>
  );
}

function isPossible(kind: Kind, place: Place): boolean {
  const { alerts, annotates } = ROWS[kind];
  return place === 'panel' || (place === 'annotation' ? annotates : alerts);
}

/** Under headings where there are several. */
function optionsOf(kinds: readonly Kind[]): SelectableValue<Kind>[] {
  const groups = Object.entries(groupBy(kinds, (kind) => ROWS[kind].group));
  return groups.length > 1
    ? groups.map(([label, members]) => ({ label, options: members.map(optionOf) }))
    : kinds.map(optionOf);
}

function optionOf(kind: Kind): SelectableValue<Kind> {
  const { label, description } = ROWS[kind];
  return { value: kind, label, title: description };
}
