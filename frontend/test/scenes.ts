// A dashboard on Grafana's own engine, over a backend that is a function: variables, filters, annotations and panels are real.
import { LoadingState } from '@grafana/data';
import type {
  AnnotationQuery,
  DataSourceApi,
  DataSourceInstanceSettings,
  PanelData,
  TypedVariableModel,
} from '@grafana/data';
import { setDataSourceSrv, setRunRequest, setTemplateSrv } from '@grafana/runtime';
import type { BackendSrvRequest, DataSourceSrv, TemplateSrv } from '@grafana/runtime';
import {
  dataLayers,
  EmbeddedScene,
  SceneDataLayerSet,
  sceneGraph,
  SceneQueryRunner,
  SceneReactObject,
  SceneTimeRange,
  SceneVariableSet,
} from '@grafana/scenes';
import type { SceneObject, SceneVariable } from '@grafana/scenes';
import { from, map } from 'rxjs';
import type { Observable } from 'rxjs';
import { FlinkwatchDataSource } from '../src/datasource';
import type { FlinkQuery, FlinkwatchSettings } from '../src/types';
import { instanceSettings, serveBackend } from './grafana';

interface Dashboard {
  variables?: SceneVariable[];
  /** The queries of its only panel. */
  queries?: FlinkQuery[];
  annotation?: AnnotationQuery;
  /** What Grafana lists; one data source unless given. */
  sources?: DataSourceInstanceSettings<FlinkwatchSettings>[];
}

export const SOURCE = { uid: 'flink', type: 'flinkwatch-msf-datasource' };

/** Opens a dashboard and waits until all is quiet. Returns its parts, and what the backend was asked. */
export async function openDashboard(
  { variables = [], queries = [], annotation, sources = [instanceSettings()] }: Dashboard,
  answer: (request: BackendSrvRequest) => unknown
) {
  const requests = serveBackend(answer);
  const layer = annotation && new dataLayers.AnnotationsDataLayer({ name: annotation.name, query: annotation });
  const runner = new SceneQueryRunner({ queries, datasource: SOURCE });
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: '2026-11-30T10:00:00Z', to: '2026-11-30T11:00:00Z' }),
    $variables: new SceneVariableSet({ variables }),
    ...(layer && { $data: new SceneDataLayerSet({ layers: [layer] }) }),
    body: new SceneReactObject({ reactNode: null, $data: runner }),
  });
  setServices(scene, sources);
  activate(scene);
  runner.setContainerWidth(500);
  await quiet();
  return { scene, runner, layer, requests };
}

/** What showing it does. */
function activate(object: SceneObject) {
  object.activate();
  object.forEachChild(activate);
}

/** Until what was started has come back. */
export async function quiet() {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function setServices(scene: SceneObject, sources: DataSourceInstanceSettings<FlinkwatchSettings>[]) {
  setTemplateSrv(templates(scene));
  const source = new FlinkwatchDataSource(instanceSettings());
  const service: Partial<DataSourceSrv> = {
    get: () => Promise.resolve(source as unknown as DataSourceApi),
    getInstanceSettings: (ref) => sources.find(({ uid }) => uid === ref) ?? sources[0],
    getList: () => sources,
  };
  setDataSourceSrv(service as DataSourceSrv);
  setRunRequest(runRequest as Parameters<typeof setRunRequest>[0]);
}

/** As Grafana gives plugins the variables of a scene. */
function templates(scene: SceneObject): TemplateSrv {
  // The engine looks for the function of filters, which older data sources call.
  const service: Partial<TemplateSrv> & { getAdhocFilters: () => never[] } = {
    getAdhocFilters: () => [],
    getVariables: () =>
      sceneGraph.getVariables(scene).state.variables.map(({ state }) => {
        const current = { value: 'value' in state ? state.value : '', text: 'text' in state ? state.text : '' };
        return { ...state, current } as unknown as TypedVariableModel;
      }),
    replace: (target = '', scopedVars, format) => {
      const asking: unknown = scopedVars?.__sceneObject?.value;
      const near = asking ? ((asking as SceneObject).valueOf() as SceneObject) : scene;
      return sceneGraph.interpolate(near, target, scopedVars, format as Parameters<typeof sceneGraph.interpolate>[3]);
    },
  };
  return service as TemplateSrv;
}

/** Without the waiting state that Grafana shows in between. */
function runRequest(
  source: DataSourceApi,
  request: Parameters<FlinkwatchDataSource['query']>[0],
  query?: DataSourceApi['query']
): Observable<PanelData> {
  const answers = query ? query(request) : source.query(request);
  return ('pipe' in answers ? answers : from(answers)).pipe(
    map(({ data, errors, state = LoadingState.Done }) => ({
      state,
      series: data as PanelData['series'],
      ...(errors && { errors }),
      timeRange: request.range,
    }))
  );
}
