// The query of an annotation: the editor of queries, with what the annotation asks.
import React from 'react';
import type { ComponentProps } from 'react';
import type { AnnotationSupport } from '@grafana/data';
import { annotationQuery } from '../query/annotation';
import type { FlinkQuery } from '../types';
import type { EditorSource } from './editor';
import { QueryEditor } from './QueryEditor';

export type AnnotationEditorProps = ComponentProps<NonNullable<AnnotationSupport<FlinkQuery>['QueryEditor']>>;

export function AnnotationEditor({ annotation, query, datasource, ...rest }: AnnotationEditorProps) {
  // Grafana lays defaults below `query` that the run does not have; what is saved stands in the annotation.
  const target = annotation === undefined ? query : annotation.target;
  return (
    <QueryEditor {...rest} isOfAnnotation datasource={datasource as EditorSource} query={annotationQuery(target)} />
  );
}
