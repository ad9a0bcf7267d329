// What another panel of the dashboard was answered: Grafana's data source "-- Dashboard --", of which its packages have no part.
import {
  SceneDataTransformer,
  SceneObjectBase,
  VizPanel,
  sceneGraph,
  type SceneDataProvider,
  type SceneDataProviderResult,
  type SceneDataState,
} from '@grafana/scenes';
import { ReplaySubject, type Observable } from 'rxjs';

export const OTHER_PANEL = '-- Dashboard --';

/** The key of a panel, by the number under which it is saved. */
export function keyOf(id: number): string {
  return `panel-${id}`;
}

interface State extends SceneDataState {
  panelId: number;
}

export class OtherPanelData extends SceneObjectBase<State> implements SceneDataProvider<State> {
  private results = new ReplaySubject<SceneDataProviderResult>(1);

  constructor(state: State) {
    super(state);
    this.addActivationHandler(() => this.follow());
  }

  getResultsStream(): Observable<SceneDataProviderResult> {
    return this.results;
  }

  /** The answer before the other panel's transformations, as Grafana hands it on. */
  private source(): SceneDataProvider {
    const panel = sceneGraph.findByKeyAndType(this, keyOf(this.state.panelId), VizPanel);
    const shown = panel.state.$data;
    const source = shown instanceof SceneDataTransformer ? shown.state.$data : shown;
    if (source === undefined) {
      throw new Error(`Panel ${this.state.panelId} asks nothing that another could read.`);
    }
    return source;
  }

  private follow() {
    const source = this.source();
    const take = () => {
      const { data } = source.state;
      if (data !== undefined) {
        this.setState({ data });
        this.results.next({ data, origin: this });
      }
    };
    const following = source.subscribeToState(take);
    const release = source.activate();
    take();
    return () => {
      following.unsubscribe();
      release();
    };
  }
}
