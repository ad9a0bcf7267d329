// What the saved data source may do in AWS: asked for by a button, shown as a row per permission.
import { ConfigSection } from '@grafana/plugin-ui';
import { DataSourceWithBackend, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, Icon } from '@grafana/ui';
import React, { useState } from 'react';
import { describeCause, describeOutcome, readHealth } from '../health';
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
      description="One cheap call per permission, with the settings as they are saved."
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
  return (
    <>
      <Alert severity={health.isOk ? 'success' : 'error'} title={health.verdict} topSpacing={2} />
      {health.permissions.length > 0 && (
        <table aria-label="Permissions">
          <thead>
            <tr>
              <th scope="col">Permission</th>
              <th scope="col">Outcome</th>
              <th scope="col">What to do</th>
            </tr>
          </thead>
          <tbody>
            {health.permissions.map((permission) => (
              <Row key={permission.action} permission={permission} />
            ))}
          </tbody>
        </table>
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

function Row({ permission }: { permission: Permission }) {
  return (
    <tr>
      <th scope="row">
        <code>{permission.action}</code>
      </th>
      <td>
        <Icon name={ICONS[permission.outcome]} /> {describeOutcome(permission)}
      </td>
      <td>{describeCause(permission)}</td>
    </tr>
  );
}
