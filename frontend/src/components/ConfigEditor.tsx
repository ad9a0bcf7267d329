// The page on which a data source is set up. Opening it changes nothing, and a provisioned data source can only be read.
import { AwsAuthType, ConnectionConfig } from '@grafana/aws-sdk';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { ConfigSection, DataSourceDescription } from '@grafana/plugin-ui';
import { Field, Input, SecretInput, Stack } from '@grafana/ui';
import { css } from '@emotion/css';
import React from 'react';
import {
  ALLOWED_REGIONS,
  CALL_SETTINGS,
  COST_SETTINGS,
  DEFAULT_APPLICATION,
  describeSaved,
  ENDPOINT_PLACEHOLDER,
  ENDPOINT_SETTINGS,
  keepConnectionEdit,
  PRICE,
  REQUEST_SETTINGS,
  showProvider,
  withoutSessionToken,
  withSessionToken,
  withSetting,
} from '../settings';
import type { NumberSetting, Options, TextSetting } from '../settings';
import type { FlinkwatchSecrets, FlinkwatchSettings } from '../types';
import { NumberField } from './NumberField';
import { Permissions } from './Permissions';

/** The plugin's page in Grafana, which shows its README. Relative, for Grafana may be below another path. */
const DOCUMENTATION = 'plugins/flinkwatch-msf-datasource';

type Props = DataSourcePluginOptionsEditorProps<FlinkwatchSettings, FlinkwatchSecrets>;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const isReadOnly = options.readOnly;
  // The shared fields know no read-only state: their menus open in a disabled fieldset too.
  const change = isReadOnly ? () => undefined : onOptionsChange;
  const section = { options, onChange: change };
  return (
    <Stack direction="column" gap={4}>
      <DataSourceDescription dataSourceName="Flinkwatch" docsLink={DOCUMENTATION} hasRequiredFields={false} />
      <fieldset disabled={isReadOnly} style={isReadOnly ? { pointerEvents: 'none' } : undefined}>
        <Stack direction="column" gap={4}>
          <ConnectionConfig
            options={showProvider(options)}
            defaultEndpoint={ENDPOINT_PLACEHOLDER}
            onOptionsChange={(edited) => {
              change(keepConnectionEdit(options, edited));
            }}
          />
          {options.jsonData.authType === AwsAuthType.Keys && <SessionToken {...section} />}
          <ConfigSection
            title="Regions and endpoints"
            description="Limit the regions that queries may name, or call AWS at other addresses than its public ones."
            isCollapsible
            isInitiallyOpen={[ALLOWED_REGIONS, ...ENDPOINT_SETTINGS].some(isSet(options))}
          >
            <TextFields settings={[ALLOWED_REGIONS, ...ENDPOINT_SETTINGS]} {...section} />
          </ConfigSection>
          <ConfigSection title="Queries" description="Defaults for queries.">
            <TextFields settings={[DEFAULT_APPLICATION]} {...section} />
            <NumberFields settings={[PRICE]} {...section} />
          </ConfigSection>
          <ConfigSection title="Requests" description="Timeout and cache.">
            <NumberFields settings={REQUEST_SETTINGS} {...section} />
          </ConfigSection>
          <ConfigSection
            title="Limits of cost"
            description="What CloudWatch may charge because of this data source. Panels and alert rules have a limit each."
            isCollapsible
            isInitiallyOpen={COST_SETTINGS.some(isSet(options))}
          >
            <NumberFields settings={COST_SETTINGS} {...section} />
          </ConfigSection>
          <ConfigSection
            title="Calls to AWS"
            description="Rate limits for AWS calls. AWS's quotas are those of the whole account, so the defaults are well below them."
            isCollapsible
            isInitiallyOpen={CALL_SETTINGS.some(isSet(options))}
          >
            <NumberFields settings={CALL_SETTINGS} {...section} />
          </ConfigSection>
        </Stack>
      </fieldset>
      {/* What was found is about the settings as they were saved then. */}
      <Permissions key={options.version} uid={options.uid} />
    </Stack>
  );
}

const NO_WIDER_THAN_THE_PAGE = css({ maxWidth: '100%' });

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

/** What is set must be in sight, and what is wrong with it. */
function isSet({ jsonData }: Options) {
  return ({ key }: TextSetting | NumberSetting) => jsonData[key] !== undefined;
}

function TextFields({ settings, options, onChange }: SectionProps & { settings: TextSetting[] }) {
  return settings.map(({ key, label, description, placeholder }) => (
    <Field key={key} label={label} description={description} htmlFor={key}>
      <Input
        id={key}
        width={60}
        className={NO_WIDER_THAN_THE_PAGE}
        placeholder={placeholder}
        value={describeSaved(options.jsonData[key])}
        onChange={(event) => {
          onChange(withSetting(options, key, event.currentTarget.value || undefined));
        }}
      />
    </Field>
  ));
}

function NumberFields({ settings, options, onChange }: SectionProps & { settings: NumberSetting[] }) {
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
