import React from 'react';
import { PanelPlugin, renderTextPanelMarkdown, type PanelProps } from '@grafana/data';

interface Options {
  mode?: string;
  content?: string;
}

function TextPanel({ options: { mode = 'markdown', content = '' }, replaceVariables }: PanelProps<Options>) {
  if (mode !== 'markdown') {
    return <p>{`This page draws text as markdown only, not as ${mode}.`}</p>;
  }
  const html = renderTextPanelMarkdown(replaceVariables(content));
  return <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />;
}

export const text: PanelPlugin = new PanelPlugin(TextPanel).setNoPadding();
