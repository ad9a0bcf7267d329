// Variables as plugins see them: those of the scene that is shown, or of the panel that asks.
import type { TypedVariableModel } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import { sceneGraph, type SceneObject } from '@grafana/scenes';

let shown: SceneObject | undefined;

/** Until the returned function is called, variables are those of this scene. */
export function showVariablesOf(scene: SceneObject): () => void {
  shown = scene;
  return () => {
    if (shown === scene) {
      shown = undefined;
    }
  };
}

function variablesOf(scene: SceneObject | undefined): TypedVariableModel[] {
  const variables = scene === undefined ? [] : sceneGraph.getVariables(scene).state.variables;
  // Plugins still get Grafana's old model of a variable, of which scenes has the parts under other names.
  return variables.map(({ state }) => {
    const current = { value: 'value' in state ? state.value : '', text: 'text' in state ? state.text : '' };
    return { ...state, label: state.label ?? state.name, current } as unknown as TypedVariableModel;
  });
}

export const templates: TemplateSrv = {
  getVariables: () => variablesOf(shown),
  replace: (target = '', scopedVars, format) => {
    const asking: unknown = scopedVars?.__sceneObject?.value;
    // Scenes wraps the object, so that copies of the scoped variables do not copy the scene.
    const scene = asking ? ((asking as SceneObject).valueOf() as SceneObject) : shown;
    const formatter = format as Parameters<typeof sceneGraph.interpolate>[3];
    return scene === undefined ? target : sceneGraph.interpolate(scene, target, scopedVars, formatter);
  },
  containsTemplate: (target = '') =>
    variablesOf(shown).some(({ name }) => target.includes(`$${name}`) || target.includes(`\${${name}`)),
  updateTimeRange: () => undefined,
};
