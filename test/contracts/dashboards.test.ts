// Checks that dashboards read existing metrics, describe their panels and keep the shared layout.

import { DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dashboards } from '../../dashboards/grafana/registry.ts';
import {
  expressionsOf,
  filledIn,
  gridsOf,
  panelsOf,
  rowsOf,
  targetsOf,
  variablesOf,
  type GridPlace,
} from '../support/dashboard-parts.ts';
import { dashboardLabels } from '../../service/hooks/alert-text.ts';
import { declaredMetrics, targetLabels } from '../support/declared-metrics.ts';
import { groupingLabelsIn, selectorsIn } from '../support/promql-words.ts';

const each = dashboards.map((dashboard) => [dashboard.uid ?? '', dashboard] as const);
const expressions = dashboards.flatMap(expressionsOf);

test('each dashboard has a unique title and a unique uid that alerts can link to', () => {
  const uids = dashboards.map(({ uid = '' }) => uid);
  expect(uids).toEqual([...new Set(uids)]);
  expect(uids.filter((uid) => !/^plimsoll-[a-z]+$/.test(uid) || uid.length > 40)).toEqual([]);
  const titles = dashboards.map(({ title }) => title);
  expect(titles).toEqual([...new Set(titles)]);
});

test('every dashboard that an alert links to exists, and dashboards have the variables of such links', () => {
  const linked = globSync('alerts/rules/*.yaml', { cwd: repository }).flatMap((path) =>
    [...readFileSync(`${repository}${path}`, 'utf8').matchAll(/dashboard: (\S+)/g)].map(([, uid]) => uid),
  );
  expect([...new Set(linked)].filter((uid) => dashboards.every((dashboard) => dashboard.uid !== uid))).toEqual([]);
  const names = new Set(dashboards.flatMap((dashboard) => variablesOf(dashboard).map(({ name }) => name)));
  expect(names).toEqual(new Set(['datasource', 'console', ...dashboardLabels]));
  const template = readFileSync(`${repository}alerts/alertmanager/templates/links.tmpl`, 'utf8');
  expect(template).toContain(`match "^(${dashboardLabels.join('|')})$" .Name`);
});

test.each(each)('%s is read-only, links to the other dashboards and shares its crosshair with them', (_, dashboard) => {
  expect(dashboard).toMatchObject({
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: '1m',
    // Tables query the end of the range.
    time: { to: 'now' },
    tags: ['plimsoll'],
    schemaVersion: expect.any(Number),
    description: expect.stringMatching(/\?$/),
  });
  expect(dashboard.links?.[0]).toMatchObject({
    type: 'dashboards',
    tags: ['plimsoll'],
    includeVars: true,
    keepTime: true,
  });
});

test.each(each)(
  '%s links to the pages of the selected group, topic or cluster, or of all clusters, and keeps its links out of menus',
  (_, dashboard) => {
    const names = new Set(variablesOf(dashboard).map(({ name }) => name));
    const links = (dashboard.links ?? []).filter(({ type }) => type === DashboardLinkType.Link);
    // Without the address of the pages, both text and link are absent.
    const [path, query = ''] = links[0]?.url?.split('?') ?? [];
    expect(links.map(({ title }) => [title, path])).toEqual([['${console}', '${console}/clusters']]);
    const sent = [...query.matchAll(/\$\{(\w+):queryparam\}/g)].map(([, name]) => name);
    expect(sent).toEqual(['cluster', 'consumergroup', 'topic'].filter((name) => names.has(name)));
    // Newer versions of Grafana move links with a placement into a menu.
    expect(JSON.stringify(dashboard)).not.toContain('placement":"inControlsMenu');
  },
);

test.each(each)('every panel of %s has a description, a unit and a text for missing data', (_, dashboard) => {
  // Units of the SDK, and our count units.
  const known = new Set([...Object.values<unknown>(units), 'count:msg/s', 'count:/s', 'suffix:cores']);
  for (const { title = '', ...panel } of panelsOf(dashboard)) {
    expect(panel.type, title).toMatch(/^(timeseries|stat|table|state-timeline)$/);
    expect(title).toMatch(/^\S/);
    expect(panel.description, title).toMatch(/\.$/);
    expect(panel.datasource, title).toEqual({ type: 'prometheus', uid: '${datasource}' });
    expect(panel.fieldConfig?.defaults, title).toMatchObject({
      unit: expect.any(String),
      noValue: expect.any(String),
    });
    const shown = [panel.fieldConfig?.defaults.unit, ...overridden(panel.fieldConfig?.overrides, 'unit')];
    expect(shown.filter((unit) => !known.has(unit))).toEqual([]);
    // Grafana's default, green and red from 80, is not a real limit.
    expect(panel.fieldConfig?.defaults.thresholds?.steps.length, title).toBeGreaterThan(0);
    expect(JSON.stringify(panel.fieldConfig?.defaults.thresholds), title).not.toContain('"value":80,');
    if (panel.type === 'timeseries') expect(panel.options?.legend?.showLegend, title).toBe(true);
  }
});

test.each(each)('panels and queries of %s have unique ids', (_, dashboard) => {
  const ids = gridsOf(dashboard)
    .flat()
    .map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids).not.toContain(undefined);
  for (const { title, targets = [] } of panelsOf(dashboard)) {
    expect(targets.length, title).toBeGreaterThan(0);
    expect(targets.map(({ refId }) => refId)).toEqual([...new Set(targets.map(({ refId }) => refId))]);
    const others = targets.filter(({ datasource }) => datasource?.uid !== '${datasource}');
    expect(others, title).toEqual([]);
  }
});

test.each(each)('panels of %s do not overlap', (_, dashboard) => {
  for (const grid of gridsOf(dashboard)) {
    const places = grid.map(({ gridPos }) => gridPos ?? { x: 0, y: 0, w: 0, h: 0 });
    expect(places.filter(({ x, w, h }) => x + w > 24 || w < 1 || h < 1)).toEqual([]);
    expect(places.filter((place, index) => places.slice(index + 1).some((other) => overlap(place, other)))).toEqual([]);
  }
});

test.each(each)('rows of %s have no gap beside or below a panel', (_, dashboard) => {
  for (const { title, panels } of rowsOf(dashboard)) {
    const places = panels.map(({ gridPos }) => gridPos ?? { x: 0, y: 0, w: 0, h: 0 });
    const height = Math.max(...places.map(({ y, h }) => y + h)) - Math.min(...places.map(({ y }) => y));
    const covered = places.reduce((sum, { w, h }) => sum + w * h, 0);
    expect(covered, title).toBe(24 * height);
  }
});

test.each(each)('%s shows its first row expanded, and collapses at most a third of its panels', (_, dashboard) => {
  const [first, ...rows] = (dashboard.panels ?? []).filter(({ type }) => type === 'row') as {
    collapsed: boolean;
    panels?: readonly unknown[];
  }[];
  expect(first?.collapsed).not.toBe(true);
  const folded = rows.flatMap(({ panels = [] }) => panels).length;
  expect(folded).toBeLessThanOrEqual([...panelsOf(dashboard)].length / 3);
});

test.each(each)(
  '%s uses colors and texts that Grafana 9 to 12 support, and shows missing values neutrally',
  (_, dashboard) => {
    for (const { title = '', type, fieldConfig } of panelsOf(dashboard)) {
      const { color, mappings = [], noValue } = fieldConfig?.defaults ?? {};
      if (type === 'timeseries') expect(color?.mode, title).toBe('palette-classic');
      // With threshold colors, a state timeline shows ranges instead of texts.
      if (type === 'state-timeline') {
        expect(color?.mode, title).toBe('fixed');
        const result = { text: 'no data', color: 'transparent', index: expect.any(Number) };
        expect(mappings, title).toContainEqual({ type: 'special', options: { match: 'null+nan', result } });
      }
      const ofColumns = overridden(fieldConfig?.overrides, 'mappings') as (readonly unknown[])[];
      const all = type === 'stat' ? [mappings] : type === 'table' ? ofColumns : [];
      const text = type === 'stat' ? noValue : expect.any(String);
      const neutral = { text, color: 'text', index: expect.any(Number) };
      for (const each of all) {
        expect(each, title).toContainEqual({ type: 'special', options: { match: 'null+nan', result: neutral } });
      }
    }
  },
);

test.each(each)('tables of %s have exactly the columns that they name', (_, dashboard) => {
  for (const { title = '', type, targets = [], transformations = [] } of panelsOf(dashboard)) {
    if (type !== 'table') continue;
    const renamed = transformations.find(({ id }) => id === 'organize')?.options?.renameByName ?? {};
    const keys = Object.keys(renamed).filter((name) => !name.startsWith('Value'));
    for (const { expr } of targets) {
      const [, by = ''] = /^(?:time\(\) - )?(?:min|max|sum) by \(([^)]*)\)/.exec(expr) ?? [];
      expect(new Set(by.split(', ')), `${title}: ${expr}`).toEqual(new Set(keys));
    }
  }
});

test.each(each)('graphs of %s have a table legend and at least half of the width', (_, dashboard) => {
  for (const { title = '', type, gridPos, options } of panelsOf(dashboard)) {
    if (type !== 'timeseries') continue;
    expect(options?.legend, title).toMatchObject({ displayMode: 'table' });
    expect(gridPos?.w, title).toBeGreaterThanOrEqual(12);
  }
});

test.each(each)('tables of %s color their cells in Grafana 9 and in later versions', (_, dashboard) => {
  for (const { title = '', type, fieldConfig } of panelsOf(dashboard)) {
    if (type !== 'table') continue;
    for (const { properties } of fieldConfig?.overrides ?? []) {
      const isColored = properties.some(({ id }) => id === 'thresholds');
      const modes = properties.filter(({ id }) => id.startsWith('custom.')).map(({ value }) => value);
      expect(modes, title).toEqual(expect.arrayContaining(isColored ? ['color-text', { type: 'color-text' }] : []));
    }
  }
});

test.each(each)(
  'single figures of %s are instant queries, which show no last value of a series that ended',
  (_, dashboard) => {
    const figures = panelsOf(dashboard).filter(({ type }) => type === 'stat');
    expect(figures.length).toBeGreaterThan(0);
    for (const { title = '', targets = [] } of figures) {
      for (const target of targets) expect(target, title).toMatchObject({ instant: true, range: false });
    }
  },
);

test('a second active controller of a Kafka cluster is red, like none', () => {
  const panel = dashboards.flatMap(panelsOf).find(({ title }) => title === 'Controllers');
  const steps = (panel?.fieldConfig?.defaults.thresholds?.steps ?? []) as { value: number | null; color: string }[];
  const colorOf = (value: number) => steps.findLast((step) => step.value === null || step.value <= value)?.color;
  expect([0, 1, 2, 3].map(colorOf)).toEqual(['red', 'green', 'red', 'red']);
});

test('dashboards do not show a rate that was merely reached as a limit', () => {
  const promotion = dashboards.filter(({ uid }) => uid === 'plimsoll-promotion').flatMap(panelsOf);
  const share = promotion.find(({ title }) => title === 'Expected / safe maximum')?.targets?.[0]?.expr ?? '';
  const rules = readFileSync(`${repository}alerts/rules/capacity.yaml`, 'utf8');
  const [kinds = 'none'] = /plimsoll_safe_max_kind\{kind=~"[^"]+"\}/.exec(rules) ?? [];
  expect(share).toContain(kinds.replace('{', '{cluster=~"$cluster", '));
  expect(share).toMatch(/plimsoll_forecast_age_seconds\{[^}]*\}\) < 3 \* 3600/);
  const figures = dashboards.flatMap(panelsOf).filter(({ title, type }) => title === 'Safe maximum' && type === 'stat');
  expect(figures.map(({ targets }) => targets?.[0]?.legendFormat)).toEqual(['{{cluster}} {{kind}}']);
});

test('burst panels exclude the loopback device', () => {
  const bursts = expressions.filter((expr) => expr.includes('plimsoll_host_link_burst_bytes'));
  expect(bursts.length).toBeGreaterThan(0);
  expect(bursts.filter((expr) => !/device!~"lo\|/.test(expr))).toEqual([]);
});

test('dashboards show a host once although another node_exporter also reports it, as the alert rules do', () => {
  const selectors = expressions.flatMap((expr) => selectorsIn(expr).map(({ metric }) => ({ metric, expr })));
  const ofHosts = selectors.filter(({ metric }) => metric.startsWith('node_'));
  expect(ofHosts.length).toBeGreaterThan(10);
  const others = ofHosts.filter(({ metric, expr }) => !expr.includes(`${metric}{job="plimsoll", `));
  expect(others.map(({ expr }) => expr)).toEqual([]);
});

test('sections are shown as cached only for the broker and the instance that failed to read them', () => {
  const failed = /and on \(([^)]*)\) plimsoll_scrape_section_success\{[^}]*\} == 0/;
  const matched = expressions.flatMap((expr) => failed.exec(expr)?.[1] ?? []);
  expect(matched.length).toBeGreaterThan(0);
  for (const each of matched) expect(each).toBe('cluster, section, broker, instance');
});

test('catch-up times cover only noticeable lags, and rows of deleted topics end with their lag', () => {
  const trends = expressions.filter((expr) => expr.includes('deriv(plimsoll_consumergroup_consumable_lag'));
  expect(trends).toHaveLength(2);
  for (const expr of trends) expect(expr).toMatch(/ and \(?(?:sum|max) by/);
  expect(trends.some((expr) => /queue_lag_seconds\{[^}]*\}\)\) > 60$/.test(expr))).toBe(true);
});

test('rates of a RocketMQ broker exclude restarts and leader changes', () => {
  const rates = expressions.filter((expr) => /\brate\(rocketmq_broker_\w+_total\{/.test(expr));
  expect(rates).toHaveLength(3);
  for (const expr of rates) {
    expect(expr).toMatch(
      / unless [^)]*\) \(changes\(rocketmq_broker_boot_timestamp_seconds\{[^}]*\}\[[^\]]*\]\)\) > 0$/,
    );
  }
});

test('joins read a label from one series although two instances report different ones', () => {
  const joined = expressions.flatMap((expr) => [
    ...expr.matchAll(/ on \((?!instance\))[^)]*\) group_left \([^)]+\) (\w+)/g),
  ]);
  expect(joined.length).toBeGreaterThan(0);
  expect(joined.filter(([, source]) => source !== 'topk').map(([text]) => text)).toEqual([]);
});

test('the load test dashboard reports a load test that is not scraped', () => {
  const board = dashboards.find(({ uid }) => uid === 'plimsoll-loadtest');
  const texts =
    board === undefined ? [] : panelsOf(board).map(({ fieldConfig }) => fieldConfig?.defaults.noValue ?? '');
  expect([...texts].some((text) => text.includes('scrape config'))).toBe(true);
});

test.each(each)('%s uses all its variables, and defines all variables that it uses', (_, dashboard) => {
  const defined = variablesOf(dashboard).map(({ name }) => name);
  expect(defined[0]).toBe('datasource');
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(?!__)([a-z]\w*)/g)].map(([, name]) => name);
  expect(new Set(used)).toEqual(new Set(defined));
  const [, ...chosen] = dashboard.templating.list ?? [];
  for (const { name, ...variable } of chosen) {
    if (name === 'console') {
      expect(variable).toMatchObject({ hide: 2, multi: false, skipUrlSync: true, refresh: 2 });
      continue;
    }
    expect(variable, name).toMatchObject({ multi: true, includeAll: true, allValue: '.+', refresh: 2 });
  }
});

test.each(each)('variables of %s offer labels that their series have', (_, dashboard) => {
  for (const { name, series = '', label = '' } of variablesOf(dashboard)) {
    for (const { metric } of selectorsIn(series)) expect(labelsOf(metric), name).toContain(label);
  }
});

test.each(each)('%s reads declared metrics, and selects and groups by labels that they have', (_, dashboard) => {
  for (const expr of expressionsOf(dashboard)) {
    const selectors = selectorsIn(expr);
    expect(selectors.length, expr).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      expect(declaredMetrics.has(metric), `${metric} in ${expr}`).toBe(true);
      expect(labels.filter((label) => !labelsOf(metric).includes(label))).toEqual([]);
    }
    const had = new Set(selectors.flatMap(({ metric }) => labelsOf(metric)));
    expect(groupingLabelsIn(expr).filter((label) => !had.has(label))).toEqual([]);
  }
});

test.each(each)('each variable of %s filters every query whose metrics have its label', (_, dashboard) => {
  // The health of a cluster does not depend on the selected topics.
  const choices = variablesOf(dashboard).flatMap(({ name, series }) =>
    series === undefined || name === 'topic' ? [] : [name],
  );
  const wide = targetsOf(dashboard).flatMap(({ expr }) =>
    selectorsIn(expr).flatMap(({ metric, labels }) =>
      choices.filter((name) => labelsDeclared(metric).has(name) && !labels.includes(name)).map((name) => [name, expr]),
    ),
  );
  expect(wide).toEqual([]);
});

test('rates are of counters over a window that fits the scrape interval, and counters appear only as rates', () => {
  const rising = (metric: string) => ['counter', 'untyped'].includes(declaredMetrics.get(metric)?.type ?? '');
  for (const expr of expressions) {
    for (const { metric, within, range } of selectorsIn(withoutFirstEvents(expr))) {
      const isRate = /^(?:rate|increase)$/.test(within ?? '');
      if (isRate) {
        expect(rising(metric), expr).toBe(true);
        expect(range, expr).toBe(within === 'rate' ? '$__rate_interval' : '$__range');
      }
      if (declaredMetrics.get(metric)?.type === 'counter') expect(isRate, expr).toBe(true);
    }
    expect(expr).not.toMatch(/\birate\(/);
  }
});

test('queries have no placeholder left after variables are filled in', () => {
  // "$1" of label_replace is none, and Grafana keeps it.
  expect(expressions.map(filledIn).filter((expr) => /\$(?!1")/.test(expr))).toEqual([]);
});

/** Removes a counter whose series starts with its first event: it counts fully, over the window of its alert. */
const withoutFirstEvents = (expr: string) =>
  expr.replace(
    /\((\w+\{[^}]*\}) unless \1 offset 15m\) and on .* or clamp_min\(delta\(\1\[15m\]\), 0\)/,
    (_, series: string) => `increase(${series}[$__range])`,
  );

const repository = fileURLToPath(new URL('../../', import.meta.url));

const labelsDeclared = (metric: string) => declaredMetrics.get(metric)?.labels ?? new Set<string>();

function labelsOf(metric: string): readonly string[] {
  return [...labelsDeclared(metric), ...targetLabels];
}

function overridden(
  overrides: readonly { properties: readonly { id: string; value?: unknown }[] }[] | undefined,
  id: string,
): unknown[] {
  return (overrides ?? []).flatMap(({ properties }) =>
    properties.filter((property) => property.id === id).map(({ value }) => value),
  );
}

function overlap(one: GridPlace, other: GridPlace): boolean {
  return one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}
