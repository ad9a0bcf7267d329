import { EventBusSrv } from '@grafana/data';
import { config, DataSourceWithBackend, setAppEvents, setBackendSrv, setDataSourceSrv } from '@grafana/runtime';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { dataSourceOptions } from '../../test/data_source_options';
import {
  ALLOWED_REGIONS,
  CALL_SETTINGS,
  COST_SETTINGS,
  DEFAULT_APPLICATION,
  ENDPOINT_SETTINGS,
  PRICE,
  REQUEST_SETTINGS,
} from '../settings';
import type { Options } from '../settings';
import { ConfigEditor } from './ConfigEditor';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  // It needs Grafana's telemetry.
  usePluginInteractionReporter: () => jest.fn(),
}));

beforeAll(() => {
  setAppEvents(new EventBusSrv());
  config.awsAllowedAuthProviders = ['default', 'keys', 'credentials'];
});

/** The editor as Grafana holds it; returns what was saved. */
function open(options: Options) {
  const changes: Options[] = [];
  function Page() {
    const [edited, setEdited] = useState(options);
    const change = (next: Options) => {
      changes.push(next);
      setEdited(next);
    };
    return <ConfigEditor options={edited} onOptionsChange={change} />;
  }
  render(<Page />);
  return { changes, saved: () => changes.at(-1)?.jsonData };
}

/** Opens what is folded away. */
async function unfold(user: ReturnType<typeof userEvent.setup>) {
  for (const header of screen.queryAllByRole('button', {
    name: /^Expand section (Regions and endpoints|Limits of cost|Calls to AWS)/,
  })) {
    await user.click(header);
  }
}

const stored = (jsonData: Record<string, unknown>) => dataSourceOptions(jsonData);

test.each([
  {},
  { authType: 'arn' },
  { authType: 'sharedCreds', profile: 'dev' },
  { authType: 'nonsense' },
  { authType: 'keys', cacheMegabytes: '12', requestTimeoutSeconds: 9999 },
])('opening changes nothing: %j', (jsonData) => {
  expect(open(stored(jsonData)).changes).toEqual([]);
  expect(open({ ...stored(jsonData), readOnly: true }).changes).toEqual([]);
});

test.each([PRICE, ...REQUEST_SETTINGS, ...COST_SETTINGS, ...CALL_SETTINGS])(
  '$label is typed, checked and emptied',
  async (setting) => {
    const user = userEvent.setup();
    const { saved } = open(stored({ authType: 'default' }));
    await unfold(user);
    const field = screen.getByRole('textbox', { name: new RegExp(`^${setting.label}`) });
    expect(field).toHaveAttribute('placeholder', String(setting.preset));
    await user.type(field, String(setting.most));
    expect(saved()).toEqual({ authType: 'default', [setting.key]: setting.most });
    expect(screen.queryByRole('alert')).toBeNull();
    await user.type(field, '1');
    expect(screen.getByRole('alert')).toHaveTextContent(
      new RegExp(`^Enter a (whole )?number from ${setting.least} to ${setting.most}\\.$`)
    );
    expect(field).toBeInvalid();
    await user.clear(field);
    expect(saved()).toEqual({ authType: 'default' });
    expect(screen.queryByRole('alert')).toBeNull();
  }
);

test('a number is shown as it is typed', async () => {
  const user = userEvent.setup();
  const { saved } = open(stored({}));
  const field = screen.getByRole('textbox', { name: /^Price of a KPU hour/ });
  await user.type(field, '0.10');
  expect(field).toHaveValue('0.10');
  expect(saved()).toEqual({ kpuPricePerHour: 0.1 });
});

test.each([DEFAULT_APPLICATION, ALLOWED_REGIONS, ...ENDPOINT_SETTINGS])(
  '$label is typed and emptied',
  async (setting) => {
    const user = userEvent.setup();
    const { saved } = open(stored({}));
    await unfold(user);
    const field = screen.getByRole('textbox', { name: new RegExp(`^${setting.label}`) });
    await user.type(field, 'orders');
    expect(saved()).toEqual({ [setting.key]: 'orders' });
    await user.clear(field);
    expect(saved()).toEqual({});
  }
);

test('what is set is in sight, and regions may be a list', () => {
  open(stored({ allowedRegions: ['eu-west-1', 'us-east-1'], listMetricsPerSecond: 5000 }));
  expect(screen.getByRole('textbox', { name: /^Allowed regions/ })).toHaveValue('eu-west-1, us-east-1');
  expect(screen.getByRole('alert')).toHaveTextContent('Enter a number');
});

test('the endpoint for both services invites nothing that answers as one of AWS', () => {
  open(stored({}));
  const placeholder = screen.getByRole('textbox', { name: /^Endpoint/ }).getAttribute('placeholder');
  expect(placeholder).not.toContain('amazonaws');
});

test('an edit in the shared fields saves that edit only', async () => {
  const user = userEvent.setup();
  const { saved } = open(stored({ authType: 'arn', cacheMegabytes: 8 }));
  await user.type(screen.getByRole('textbox', { name: /^Endpoint/ }), 'h');
  expect(saved()).toEqual({ authType: 'arn', cacheMegabytes: 8, endpoint: 'h' });
});

test('a session token belongs to keys, and a saved one can be replaced', async () => {
  const user = userEvent.setup();
  const options = { ...stored({ authType: 'keys' }), secureJsonFields: { sessionToken: true } };
  const { changes } = open(options);
  await user.click(screen.getByRole('button', { name: /^Reset/ }));
  await user.type(screen.getByLabelText(/^Session token/), 't');
  expect(changes.at(-1)?.secureJsonData).toEqual({ sessionToken: 't' });
  expect(changes.at(-1)?.secureJsonFields).toEqual({ sessionToken: false });
});

test('a provisioned data source can be read and tested, not edited', () => {
  open({ ...stored({ authType: 'default', defaultApplication: 'orders' }), readOnly: true });
  expect(screen.getByRole('textbox', { name: /^Default application/ })).toHaveValue('orders');
  for (const field of screen.getAllByRole('textbox')) {
    expect(field).toBeDisabled();
  }
  expect(screen.getByRole('combobox', { name: /^Authentication Provider/ })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Check permissions' })).toBeEnabled();
});

describe('permissions', () => {
  const answer = jest.fn<Promise<unknown>, []>();

  beforeAll(() => {
    class Source extends DataSourceWithBackend {
      override callHealthCheck = answer as DataSourceWithBackend['callHealthCheck'];
    }
    const source = Object.create(Source.prototype, { callHealthCheck: { value: answer } }) as Source;
    setDataSourceSrv({ get: () => Promise.resolve(source) } as unknown as Parameters<typeof setDataSourceSrv>[0]);
    setBackendSrv({} as Parameters<typeof setBackendSrv>[0]);
  });

  async function check() {
    open(stored({}));
    await userEvent.setup().click(screen.getByRole('button', { name: 'Check permissions' }));
  }

  test('are a row each, with what to do', async () => {
    answer.mockResolvedValueOnce({
      status: 'ERROR',
      message: 'Metrics cannot be read in eu-west-1.\ncloudwatch:ListMetrics: ok',
      details: {
        identity: { arn: 'arn:aws:iam::123456789012:user/grafana', account: '123456789012' },
        permissions: [
          { action: 'cloudwatch:ListMetrics', outcome: 'ok' },
          { action: 'cloudwatch:GetMetricData', outcome: 'denied', advice: 'add it to the policy' },
        ],
      },
    });
    await check();
    expect(await screen.findByText('Metrics cannot be read in eu-west-1.')).toBeVisible();
    const rows = within(screen.getByRole('region', { name: 'Permissions' })).getAllByRole('row');
    expect(screen.getByText(/arn:aws:iam::123456789012:user.grafana of account 123456789012/)).toBeVisible();
    expect(rows.map((row) => row.textContent.replace(/\s+/g, ' '))).toEqual([
      'PermissionOutcomeWhat to do',
      'cloudwatch:ListMetrics ok',
      'cloudwatch:GetMetricData deniedAdd it to the policy.',
    ]);
  });

  test('are forgotten when other settings are saved, which they are not about', async () => {
    answer.mockResolvedValueOnce({ status: 'OK', message: 'Ready.', details: { permissions: [] } });
    const options = stored({});
    const { rerender } = render(<ConfigEditor options={options} onOptionsChange={jest.fn()} />);
    await userEvent.setup().click(screen.getByRole('button', { name: 'Check permissions' }));
    expect(await screen.findByText('Ready.')).toBeVisible();
    rerender(<ConfigEditor options={{ ...options, version: 2 }} onOptionsChange={jest.fn()} />);
    expect(screen.queryByText('Ready.')).toBeNull();
  });

  test('say so when nothing answers', async () => {
    answer.mockRejectedValueOnce(new Error('Bad gateway'));
    await check();
    expect(await screen.findByText('Bad gateway')).toBeVisible();
    expect(screen.queryByRole('table')).toBeNull();
  });
});
