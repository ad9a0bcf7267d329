// What the saved data source may do in AWS: asked for by a button, shown as a row per permission.
import { ConfigSection } from '@grafana/plugin-ui';
import { DataSourceWithBackend, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, Icon, InteractiveTable } from '@grafana/ui';
import type { CellProps, Column } from '@grafana/ui';
import React, { useState } from 'react';
import { describeCause, describeIdentity, describeOutcome, readHealth } from '../health';
import type { Health, Outcome, Permission } from '../health';

type State = { step: 'start' } | { step: 'asking' } | { step: 'answered'; health: Health };

export function Permissions({ uid }: { uid: string }) {
  const [state, setState] = useState<State>({ step: 'start' });
  const ask = async () => {
    setState({ step: 'asking' });
    setState({ step: 'answered', health: await fetchHealth(uid) });
  };
  return (
    <ConfigSection
      title="Permissions"
      description="Tests each permission with the saved settings, so save your changes first. Each test is one cheap call."
    >
      <Button
        variant="secondary"
        icon={state.step === 'asking' ? 'spinner' : 'shield'}
        disabled={uid === '' || state.step === 'asking'}
        onClick={() => void ask()}
      >
        Check permissions
      </Button>
      <div aria-live="polite">{state.step === 'answered' && <Answer health={state.health} />}</div>
    </ConfigSection>
  );
}

/** Never fails: that nothing answered is an answer too. */
async function fetchHealth(uid: string): Promise<Health> {
  try {
    const source = await getDataSourceSrv().get({ uid });
    return readHealth(source instanceof DataSourceWithBackend ? await source.callHealthCheck() : undefined);
  } catch (error) {
    return readHealth(error instanceof Error ? { message: error.message } : undefined);
  }
}

function Answer({ health }: { health: Health }) {
  const { isOk, verdict, identity, permissions } = health;
  return (
    <>
      <Alert severity={isOk ? 'success' : 'error'} title={verdict} topSpacing={2}>
        {identity && describeIdentity(identity)}
      </Alert>
      {permissions.length > 0 && (
        <section aria-label="Permissions">
          <InteractiveTable columns={COLUMNS} data={permissions} getRowId={({ action }) => action} />
        </section>
      )}
    </>
  );
}

const ICONS = {
  ok: 'check',
  denied: 'lock',
  failed: 'exclamation-triangle',
  notTried: 'minus',
} as const satisfies Record<Outcome, string>;

type CellOf = CellProps<Permission>;

const COLUMNS: Column<Permission>[] = [
  {
    id: 'action',
    header: 'Permission',
    cell: ({ row: { original } }: CellOf) => <code>{original.action}</code>,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ row: { original } }: CellOf) => (
      <>
        <Icon name={ICONS[original.outcome]} /> {describeOutcome(original)}
      </>
    ),
  },
  {
    id: 'advice',
    header: 'What to do',
    cell: ({ row: { original } }: CellOf) => <>{describeCause(original)}</>,
  },
];
