// Region and account: where to look. An account is rarely chosen, so it stands among the options.
import React from 'react';
import { useChoices } from '../../hooks/useChoices';
import { setAccount, setRegion } from '../../query/change';
import type { Problems } from '../../query/fields';
import type { Choice, FlinkQuery } from '../../types';
import type { EditorSource } from '../editor';
import { SingleSelect } from './SingleSelect';
import { variableChoices } from './select_options';

interface PlaceFieldsProps {
  query: FlinkQuery;
  source: EditorSource;
  errors: Problems;
  onEdit: (query: FlinkQuery) => void;
}

const DEFAULT_REGION: Choice = { value: 'default', label: 'default', description: 'the region of the data source' };

export function RegionField({ query, source, errors, onEdit }: PlaceFieldsProps) {
  const regions = useChoices(source, 'regions', {});
  const others = regions.choices.filter(({ value }) => value !== DEFAULT_REGION.value);
  return (
    <SingleSelect
      label="Region"
      {...regions}
      choices={[
        regions.choices.find(({ value }) => value === 'default') ?? DEFAULT_REGION,
        ...others,
        ...variableChoices(),
      ]}
      value={query.region}
      placeholder="default"
      width={22}
      error={errors.region}
      onChange={(region) => {
        onEdit(setRegion(query, region));
      }}
    />
  );
}

export function AccountField({ query, source, errors, onEdit }: PlaceFieldsProps) {
  const accounts = useChoices(source, 'accounts', { region: query.region });
  return (
    <SingleSelect
      label="Account"
      {...accounts}
      choices={[...accounts.choices, ...variableChoices()]}
      value={query.accountId}
      placeholder="this account"
      width={24}
      error={errors.accountId}
      emptyText="No accounts are linked to this one for monitoring."
      hint="Choose a linked account, or all of them."
      onChange={(account) => {
        onEdit(setAccount(query, account));
      }}
    />
  );
}
