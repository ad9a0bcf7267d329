// The editors of the kinds' own fields. A kind that has none beside those of all kinds needs no editor.
import type { FunctionComponent } from 'react';
import type { FlinkQuery, Kind, Queries } from '../../types';
import type { OwnFields } from '../../query/fields';
import type { EditorProps } from '../editor';
import { LogsEditor } from './LogsEditor';
import { MetricEditor } from './MetricEditor';
import { OperatorEditor } from './OperatorEditor';
import { SignalsEditor } from './SignalsEditor';

type Editor<Query extends FlinkQuery> = FunctionComponent<EditorProps<Query>>;

/** The kinds with fields that nothing else shows; what an answer looks like is no choice where there is one shape. */
type KindWithFields = { [K in Kind]: Exclude<keyof OwnFields<K>, 'as'> extends never ? never : K }[Kind];

type Editors = { [K in KindWithFields]: Editor<Queries[K]> } & {
  [K in Exclude<Kind, KindWithFields>]?: Editor<Queries[K]>;
};

export const EDITORS: Editors = {
  application: SignalsEditor,
  operator: OperatorEditor,
  checkpoint: SignalsEditor,
  metric: MetricEditor,
  logs: LogsEditor,
};
