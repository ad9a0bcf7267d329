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
  // Plugins read name, label and type; the rest of Grafana's old model has no counterpart in scenes.
  return variables.map(
    ({ state }) => ({ ...state, label: state.label ?? state.name }) as unknown as TypedVariableModel
  );
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
