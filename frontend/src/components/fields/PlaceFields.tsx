// Region and account: where to look.
import React from 'react';
import { useChoices } from '../../hooks/useChoices';
import { setAccount, setRegion } from '../../query/change';
import type { Problems } from '../../query/describe';
import type { Choice, FlinkQuery } from '../../types';
import type { EditorSource } from '../editor';
import { One } from './One';
import { variableChoices } from './options';

interface PlaceFieldsProps {
  query: FlinkQuery;
  source: EditorSource;
  errors: Problems['fields'];
  onEdit: (query: FlinkQuery) => void;
}

const DEFAULT_REGION: Choice = { value: 'default', label: 'default', description: 'the region of the data source' };

/** The account is asked for only where accounts are linked, or where a query has one already. */
export function PlaceFields({ query, source, errors, onEdit }: PlaceFieldsProps) {
  const regions = useChoices(source, 'regions', {});
  const accounts = useChoices(source, 'accounts', { region: query.region });
  const others = regions.choices.filter(({ value }) => value !== DEFAULT_REGION.value);
  return (
    <>
      <One
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
      {(accounts.choices.length > 1 || query.accountId !== undefined) && (
        <One
          label="Account"
          {...accounts}
          choices={[...accounts.choices, ...variableChoices()]}
          value={query.accountId}
          placeholder="this account"
          width={22}
          error={errors.accountId}
          onChange={(account) => {
            onEdit(setAccount(query, account));
          }}
        />
      )}
    </>
  );
}
