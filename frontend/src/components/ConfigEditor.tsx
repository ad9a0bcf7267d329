// The page on which a data source is set up. Opening it changes nothing, and a provisioned data source can only be read.
import { AwsAuthType, ConnectionConfig } from '@grafana/aws-sdk';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, SecretInput, Stack } from '@grafana/ui';
import React from 'react';
import {
  CALL_SETTINGS,
  keepConnectionEdit,
  PRICE,
  REQUEST_SETTINGS,
  showProvider,
  withoutSessionToken,
  withSessionToken,
  withSetting,
} from '../settings';
import type { NumberSetting, Options } from '../settings';
import type { FlinkwatchSecrets, FlinkwatchSettings } from '../types';
import { NumberField } from './NumberField';
import { Permissions } from './Permissions';

type Props = DataSourcePluginOptionsEditorProps<FlinkwatchSettings, FlinkwatchSecrets>;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const isReadOnly = options.readOnly;
  // The shared fields know no read-only state: their menus open in a disabled fieldset too.
  const change = isReadOnly ? () => undefined : onOptionsChange;
  const section = { options, onChange: change };
  return (
    <Stack direction="column" gap={4}>
      <fieldset disabled={isReadOnly} style={isReadOnly ? { pointerEvents: 'none' } : undefined}>
        <Stack direction="column" gap={4}>
          <ConnectionConfig
            options={showProvider(options)}
            onOptionsChange={(edited) => {
              change(keepConnectionEdit(options, edited));
            }}
          />
          {options.jsonData.authType === AwsAuthType.Keys && <SessionToken {...section} />}
          <QuerySection {...section} />
          <NumberSection
            title="Requests"
            description="What a dashboard may use of time and memory."
            settings={REQUEST_SETTINGS}
            {...section}
          />
          <NumberSection
            title="Calls to AWS"
            description="The most that is asked of AWS. Its quotas are those of the whole account, so the defaults are well below them."
            settings={CALL_SETTINGS}
            {...section}
          />
        </Stack>
      </fieldset>
      <Permissions uid={options.uid} />
    </Stack>
  );
}

interface SectionProps {
  options: Options;
  onChange: (options: Options) => void;
}

function SessionToken({ options, onChange }: SectionProps) {
  return (
    <Field label="Session token" description="Only for temporary keys." htmlFor="sessionToken">
      <SecretInput
        id="sessionToken"
        isConfigured={options.secureJsonFields.sessionToken === true}
        value={options.secureJsonData?.sessionToken ?? ''}
        onChange={(event) => {
          onChange(withSessionToken(options, event.currentTarget.value));
        }}
        onReset={() => {
          onChange(withoutSessionToken(options));
        }}
      />
    </Field>
  );
}

function QuerySection({ options, onChange }: SectionProps) {
  return (
    <ConfigSection title="Queries" description="What queries fall back on.">
      <Field
        label="Default application"
        description="The application of queries that name none."
        htmlFor="defaultApplication"
      >
        <Input
          id="defaultApplication"
          width={40}
          placeholder="none"
          value={options.jsonData.defaultApplication ?? ''}
          onChange={(event) => {
            onChange(withSetting(options, 'defaultApplication', event.currentTarget.value || undefined));
          }}
        />
      </Field>
      <NumberFields settings={[PRICE]} options={options} onChange={onChange} />
    </ConfigSection>
  );
}

interface NumberSectionProps extends SectionProps {
  title: string;
  description: string;
  settings: NumberSetting[];
}

function NumberSection({ title, description, ...fields }: NumberSectionProps) {
  return (
    <ConfigSection title={title} description={description}>
      <NumberFields {...fields} />
    </ConfigSection>
  );
}

function NumberFields({ settings, options, onChange }: Omit<NumberSectionProps, 'title' | 'description'>) {
  return settings.map((setting) => (
    <NumberField
      key={setting.key}
      setting={setting}
      value={options.jsonData[setting.key]}
      onChange={(value) => {
        onChange(withSetting(options, setting.key, value));
      }}
    />
  ));
}
