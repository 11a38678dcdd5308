// Reads the shipped alerts as Prometheus would send them, with labels of the test.

import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { PostedAlert } from './alertmanager.ts';

export const rulesFolder = fileURLToPath(new URL('../../alerts/rules', import.meta.url));

interface Rule {
  alert?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const rules = new Map(
  globSync(`${rulesFolder}/*.yaml`).flatMap((path) =>
    (parse(readFileSync(path, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) =>
      group.rules.flatMap((rule) => (rule.alert === undefined ? [] : [[rule.alert, rule] as const])),
    ),
  ),
);

export const alertNames: readonly string[] = [...rules.keys()];

/** @throws when no such alert is shipped */
export function shippedAlert(name: string, labels: Record<string, string>): PostedAlert {
  const rule = rules.get(name);
  if (rule === undefined) throw new Error(`no alert ${name}`);
  return { labels: { alertname: name, ...rule.labels, ...labels }, annotations: rule.annotations };
}
