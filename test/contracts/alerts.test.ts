// Checks that each alert reads existing metrics, has text in two languages, and fires and stays silent in tests.

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { declaredMetrics, targetLabels } from '../support/declared-metrics.ts';
import { groupingLabelsIn, selectorsIn } from '../support/promql-words.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

const Alert = z.strictObject({
  alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
  expr: z.string(),
  for: z.string().regex(/^[1-9]\d*[ms]$/),
  keep_firing_for: z.string().optional(),
  labels: z.strictObject({
    severity: z.enum(['critical', 'warning', 'info', 'none']),
    scope: z.enum(['exporter', 'cluster', 'broker', 'host', 'replica', 'capacity', 'lag', 'watchdog', 'maintenance']),
  }),
  annotations: z.strictObject({
    summary: z.string().regex(/^[A-Z].*\.$/),
    summary_zh: z.string().regex(/。$/),
    description: z.string().regex(/^[{A-Z].*\.$/),
    description_zh: z.string().regex(/。$/),
    runbook: z.string(),
    dashboard: z.string().regex(/^plimsoll-[a-z]+$/),
  }),
});
const Record = z.strictObject({ record: z.string().regex(/^[a-z_]+:[a-z_]+:[a-z0-9_]+$/), expr: z.string() });
const RuleFile = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), interval: z.string().optional(), rules: z.array(z.union([Alert, Record])) }),
  ),
});

const files = globSync('alerts/rules/*.yaml', { cwd: repository }).map((path) => ({
  name: basename(path, '.yaml'),
  rules: RuleFile.parse(parse(read(path))).groups.flatMap(({ rules }) => rules),
}));
const alerts = files.flatMap(({ name, rules }) =>
  rules.flatMap((rule) => ('alert' in rule ? [[rule.alert, { file: name, rule }] as const] : [])),
);
const records = new Map(
  files.flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? [[rule.record, rule.expr] as const] : []))),
);
test('alert names are unique', () => {
  expect(alerts.map(([name]) => name)).toEqual([...new Set(alerts.map(([name]) => name))]);
});

test.each(files.map(({ name, rules }) => [name, rules] as const))(
  'the rules of %s read only declared or recorded metrics',
  (_, rules) => {
    const names = rules.flatMap(({ expr }) => selectorsIn(expr).map(({ metric }) => metric));
    expect(names.filter((name) => !declaredMetrics.has(name) && !records.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  },
);

test.each(files.map(({ name, rules }) => [name, rules] as const))(
  'rules of %s select and group by labels that their metrics have',
  (_, rules) => {
    for (const { expr } of rules) {
      const selectors = selectorsIn(expr);
      const had = new Set(selectors.flatMap(({ metric }) => labelsOf(metric)));
      for (const { metric, labels } of selectors) {
        expect(labels.filter((label) => !labelsOf(metric).includes(label))).toEqual([]);
      }
      expect(groupingLabelsIn(expr).filter((label) => !had.has(label))).toEqual([]);
    }
  },
);

const yamlBlocksOf = (path: string) => [...read(path).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, body = '']) => body);

const Relabel = z.object({ target_label: z.string(), replacement: z.string().optional() });
const Scrape = z.object({ job_name: z.string(), relabel_configs: z.array(Relabel).default([]) });
test.each(['docs/reference/alerts.md', 'docs/explanation/exporter.md'])(
  'scrape configs in %s set the job that the rules select',
  (page) => {
    const configs = yamlBlocksOf(page).filter((body) => body.includes('scrape_configs:'));
    expect(configs.length).toBeGreaterThan(0);
    for (const config of configs) {
      const { scrape_configs: scrapes } = z.object({ scrape_configs: z.array(Scrape) }).parse(parse(config));
      for (const { job_name: name, relabel_configs: relabelings } of scrapes) {
        const relabeling = relabelings.findLast(({ target_label: label }) => label === 'job');
        expect(relabeling?.replacement ?? name).toBe('plimsoll');
      }
    }
  },
);

test('runbook links lead to the documentation, not to the service, which serves no runbooks', () => {
  const [config = ''] = yamlBlocksOf('docs/how-to/send-notifications.md');
  const Linked = z.object({ publicUrl: z.url(), hooks: z.object({ runbooks: z.url() }) });
  const { publicUrl, hooks } = z.object({ service: Linked }).parse(parse(config)).service;
  expect(new URL(hooks.runbooks).host).not.toBe(new URL(publicUrl).host);
  expect(read('alerts/alertmanager/templates/links.tmpl')).toContain(hooks.runbooks);
});

const aboutBrokers = alerts.filter(([, { file }]) => file === 'kafka' || file === 'rocketmq');
test.each(aboutBrokers.filter(([, { rule }]) => rule.labels.severity === 'critical'))(
  '%s keeps firing when its series end with the cluster',
  (_, { rule }) => expect(rule.keep_firing_for).toBeDefined(),
);

test.each(alerts)('%s links to its section of the runbooks', (name, { file, rule }) => {
  expect(rule.annotations.runbook).toBe(`${file}#${name.toLowerCase()}`);
  expect(read(`docs/runbooks/${file}.md`)).toContain(`\n## ${name}\n\n`);
});

test('queries in the runbooks read existing metrics by labels that these have', () => {
  const codes = files.flatMap(({ name }) => [...read(`docs/runbooks/${name}.md`).matchAll(/`([^`]+)`/g)]);
  const queries = codes.flatMap(([, code = '']) =>
    /^(plimsoll|kafka|rocketmq|node|jvm|up|[a-z_]+:[a-z_:]+)[_:{][^*]*$/.test(code)
      ? [code.replace('BROKER', '1')]
      : [],
  );
  const selectors = queries.flatMap((query) => selectorsIn(query));
  const strange = selectors.filter(({ metric, labels }) => labels.some((label) => !labelsOf(metric).includes(label)));
  expect(strange).toEqual([]);
  expect(selectors.filter(({ metric }) => !declaredMetrics.has(metric) && !records.has(metric))).toEqual([]);
  expect(selectors.length).toBeGreaterThan(15);
});

test.each(alerts)('texts of %s format the value for readers', (_, { rule: { annotations } }) => {
  const placeholders = Object.values(annotations).flatMap((text) => text.match(/\{\{(?! if )[^}]*\}\}/g) ?? []);
  expect(placeholders.filter((words) => words.includes('$value') && !words.includes('humanize'))).toEqual([]);
});

test.each(alerts)(
  'descriptions of %s use the same labels and value in both languages',
  (_, { rule: { annotations } }) => {
    const named = (text: string) => [...new Set(text.match(/\$labels\.\w+|\$value/g) ?? [])].toSorted();
    expect(named(annotations.description_zh)).toEqual(named(annotations.description));
  },
);

test.each(alerts)('%s has one test in which it fires and one in which it is silent', (name, { file }) => {
  const paths = globSync(`alerts/tests/${file}{,-*}.test.yaml`, { cwd: repository });
  const tests = paths.flatMap((path) => (parse(read(path)) as { tests: { name: string }[] }).tests);
  expect(tests.map((each) => each.name).filter((words) => words.startsWith(`${name} `))).toEqual([
    `${name} fires`,
    `${name} is silent`,
  ]);
});

test('every section of the runbooks belongs to an existing alert', () => {
  const headings = files.flatMap(({ name }) => [...read(`docs/runbooks/${name}.md`).matchAll(/^## (.+)$/gm)]);
  expect(new Set(headings.map(([, heading]) => heading))).toEqual(new Set(alerts.map(([name]) => name)));
});

/** Labels of a recorded metric are those of its sources; a record that keeps its value also reads itself. */
function labelsOf(metric: string): readonly string[] {
  const made = records.get(metric);
  if (made !== undefined) {
    const others = selectorsIn(made).filter((selector) => selector.metric !== metric);
    return others.flatMap((selector) => labelsOf(selector.metric));
  }
  return [...(declaredMetrics.get(metric)?.labels ?? []), ...targetLabels];
}
