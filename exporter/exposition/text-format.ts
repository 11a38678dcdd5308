// How is a metric written down for Prometheus? Text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).

import type { MetricDefinition } from '../collector.ts';

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/*
 *   # HELP <name> <help, \ and newline escaped>\n
 *   # TYPE <name> counter|gauge\n
 *   <name>{<label>="<value; \, " and newline escaped>",…} <value>\n        braces only around labels
 */

export function renderHead(name: string, { type, help }: Pick<MetricDefinition, 'type' | 'help'>): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** @param labels as renderLabels made them, the empty text when there is none */
export function renderSample(name: string, labels: string, value: number | bigint): string {
  return labels === '' ? `${name} ${renderValue(value)}\n` : `${name}{${labels}} ${renderValue(value)}\n`;
}

export function renderLabels(names: readonly string[], values: readonly string[]): string {
  let text = '';
  for (const [index, name] of names.entries()) {
    text += `${index === 0 ? '' : ','}${name}="${escapeLabel(values[index] ?? '')}"`;
  }
  return text;
}

/** Most labels hold nothing to escape, and there are very many of them. */
function escapeLabel(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function renderValue(value: number | bigint): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
