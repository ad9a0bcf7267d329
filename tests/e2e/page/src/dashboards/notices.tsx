// What an answer says beside its values, beside the title of its panel, as in Grafana, whose own is no part of its packages: of each
// severity the last.
import React from 'react';
import { SceneObjectBase, sceneGraph, type SceneComponentProps } from '@grafana/scenes';
import { ToolbarButton } from '@grafana/ui';

export class Notices extends SceneObjectBase {
  static Component = Shown;
}

function Shown({ model }: SceneComponentProps<Notices>) {
  const { data } = sceneGraph.getData(model).useState();
  const notices = (data?.series ?? []).flatMap(({ meta }) => meta?.notices ?? []);
  const shown = new Map(notices.map(({ severity, text }) => [severity, text]));
  return (
    <>
      {[...shown].map(([severity, text]) => (
        <ToolbarButton
          key={severity}
          icon={severity === 'info' ? 'info-circle' : 'exclamation-triangle'}
          tooltip={text}
          data-testid="notice"
          style={{ border: 'none' }}
        />
      ))}
    </>
  );
}
