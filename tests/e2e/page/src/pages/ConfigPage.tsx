import React, { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom-v5-compat';
import type { DataSourceApi, DataSourceSettings } from '@grafana/data';
import { Alert, Button, LoadingPlaceholder, Stack } from '@grafana/ui';
import { backend } from '../services/backend';
import type { Plugin, Sources } from '../services/sources';

/** Stands for the page of a data source's settings. */
export function ConfigPage({ sources }: { sources: Sources }) {
  const [search] = useSearchParams();
  const source = sources.all.find(({ uid }) => uid === search.get('source')) ?? sources.all[0];
  const [options, setOptions] = useState<DataSourceSettings>();
  useEffect(() => {
    void backend.get<DataSourceSettings>(`/api/datasources/uid/${source.uid}`).then((listed) => {
      setOptions({ ...listed, secureJsonData: {} });
    });
  }, [source.uid]);
  return (
    <Stack direction="column" gap={2}>
      <h1>{`Data source ${source.name}`}</h1>
      {options === undefined ? (
        <LoadingPlaceholder text="Loading the settings" />
      ) : (
        <Settings plugin={sources.plugin} source={source} options={options} onOptionsChange={setOptions} />
      )}
    </Stack>
  );
}

interface SettingsProps {
  plugin: Plugin;
  source: DataSourceApi;
  options: DataSourceSettings;
  onOptionsChange: (options: DataSourceSettings) => void;
}

function Settings({ plugin, source, options, onOptionsChange }: SettingsProps) {
  const [outcome, setOutcome] = useState<Outcome>();
  const { ConfigEditor } = plugin.components;
  if (ConfigEditor === undefined) {
    return <p>The plugin has no configuration editor.</p>;
  }
  const saveAndTest = async () => {
    setOutcome(undefined);
    const saved = await save(options);
    onOptionsChange({ ...saved, secureJsonData: {} });
    setOutcome(await test(source));
  };
  return (
    <>
      <section aria-label="Configuration editor">
        <ConfigEditor options={options} onOptionsChange={onOptionsChange} />
      </section>
      <div>
        <Button onClick={() => void saveAndTest()}>Save &amp; test</Button>
      </div>
      {outcome && <Verdict outcome={outcome} />}
    </>
  );
}

/** What a data source's test resolves to, or rejects with. */
interface Outcome {
  status: 'success' | 'error';
  message: string;
  details?: { message?: string; verboseMessage?: string };
}

async function save(options: DataSourceSettings): Promise<DataSourceSettings> {
  const { uid, name, type, url, jsonData, secureJsonData } = options;
  const body = { uid, name, type, url, jsonData, secureJsonData };
  return (await backend.put<{ datasource: DataSourceSettings }>(`/api/datasources/uid/${uid}`, body)).datasource;
}

async function test(source: DataSourceApi): Promise<Outcome> {
  try {
    return (await source.testDatasource()) as Outcome;
  } catch (thrown) {
    const { message, error } = thrown as { message: string; error?: { details?: Outcome['details'] } };
    return { status: 'error', message, ...(error?.details && { details: error.details }) };
  }
}

/** As Grafana shows it: the message above, what is known in detail below, line for line. */
function Verdict({ outcome: { status, message, details } }: { outcome: Outcome }) {
  return (
    <Alert severity={status} title={message}>
      {details?.message}
      {details?.verboseMessage && <div style={{ whiteSpace: 'pre-wrap' }}>{details.verboseMessage}</div>}
    </Alert>
  );
}
