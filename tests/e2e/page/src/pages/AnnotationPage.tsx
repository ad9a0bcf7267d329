import React, { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom-v5-compat';
import { dateTimeFormat, textUtil, type AnnotationQuery, type DataQuery, type DataSourceApi } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import {
  EmbeddedScene,
  SceneCSSGridLayout,
  SceneDataLayerSet,
  SceneTimeRange,
  VizPanel,
  dataLayers,
} from '@grafana/scenes';
import { Stack } from '@grafana/ui';
import { buildRunner } from '../dashboards/panels';
import { buildControls } from '../dashboards/scene';
import { readEvents, type AnnotationRow } from '../services/annotations';
import { showVariablesOf } from '../services/templates';

/** Stands for a dashboard with an annotation query, and for the choice of its data source. */
export function AnnotationPage({ source }: { source: DataSourceApi }) {
  const [search] = useSearchParams();
  const [{ scene, layer }] = useState(() => buildParts(source, search.get('target')));
  useEffect(() => showVariablesOf(scene), [scene]);
  const { data } = layer.useState();
  const offered = getDataSourceSrv().getList({ annotations: true });
  return (
    <Stack direction="column" gap={2}>
      <h1>Annotations</h1>
      <p>{`Data sources with annotations: ${offered.map(({ name }) => name).join(', ')}`}</p>
      <Editor source={source} layer={layer} />
      <scene.Component model={scene} />
      <section aria-label="Events">
        <ul>
          {readEvents(data?.series ?? []).map((event, index) => (
            <Event key={index} event={event} />
          ))}
        </ul>
      </section>
    </Stack>
  );
}

/** As Grafana does: what the data source proposes lies below what is saved, which stands in the annotation. */
function Editor({ source, layer }: { source: DataSourceApi; layer: dataLayers.AnnotationsDataLayer }) {
  const { query: annotation, data } = layer.useState();
  const QueryEditor = source.annotations?.QueryEditor;
  if (QueryEditor === undefined) {
    return <p>The plugin has no editor of annotations.</p>;
  }
  return (
    <section aria-label="Annotation editor">
      <QueryEditor
        datasource={source}
        annotation={annotation}
        query={{ refId: 'Anno', ...annotation.target }}
        {...(data && { data })}
        onChange={(target) => {
          layer.setState({ query: { ...annotation, target } });
          layer.runLayer();
        }}
        onRunQuery={() => undefined}
      />
    </section>
  );
}

/** Grafana takes title and text as HTML, from which it takes scripts only. */
function Event({ event: { time, timeEnd, title, text, tags } }: { event: AnnotationRow }) {
  const html = (words: string) => ({ __html: textUtil.sanitize(words) });
  return (
    <li>
      <span>{[time, timeEnd].map((one) => (one === undefined ? '' : dateTimeFormat(one))).join(' to ')}</span>{' '}
      <strong dangerouslySetInnerHTML={html(title)} /> <span dangerouslySetInnerHTML={html(text)} />{' '}
      <em>{tags.join(', ')}</em>
    </li>
  );
}

function buildParts(source: DataSourceApi, target: string | null) {
  const datasource = { type: source.type, uid: source.uid };
  const query: AnnotationQuery = { name: 'Restarts', enable: true, iconColor: 'orange', datasource };
  if (target !== null) {
    query.target = { ...(JSON.parse(target) as DataQuery), refId: 'Anno' };
  }
  const layer = new dataLayers.AnnotationsDataLayer({ name: query.name, isEnabled: true, isHidden: false, query });
  const shown = { refId: 'A', queryType: 'application', applications: ['clickstream'], signals: ['restarts'] };
  const panel = new VizPanel({
    title: 'Graph',
    pluginId: 'timeseries',
    $data: buildRunner([{ ...shown, datasource }], { datasource }),
  });
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-3h', to: 'now' }),
    $data: new SceneDataLayerSet({ layers: [layer] }),
    controls: buildControls(),
    body: new SceneCSSGridLayout({ templateColumns: 'minmax(0, 1fr)', autoRows: '300px', children: [panel] }),
  });
  return { scene, layer };
}
