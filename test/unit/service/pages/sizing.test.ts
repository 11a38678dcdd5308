import express from 'express';
import { expect, test } from 'vitest';
import type { ClusterPlan, JudgedProposal } from '../../../../core/documents/cluster-plan.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import { renderEntryPage } from '../../../../dashboards/web/entries/entry-page.ts';
import { renderSized } from '../../../../dashboards/web/plans/plan-page.ts';
import { headroomsOf, labelOf, limitName, tightestFirst } from '../../../../dashboards/web/sizing/sized-cluster.ts';
import { clustersPerPage, renderSizingPage } from '../../../../dashboards/web/sizing/sizing-page.ts';
import { sizingLanguages } from '../../../../dashboards/web/sizing/sizing-texts.ts';
import { html } from '../../../../core/text/html.ts';
import { reserveNames } from '../../../../core/documents/reasons/reserve-reasons.ts';
import { createView, languages } from '../../../../dashboards/web/view.ts';
import { listen } from '../../../../exporter/http-server.ts';
import type { HistoryQuery } from '../../../../service/history/history.ts';
import { createSizingPage, newestPlanning } from '../../../../service/pages/sizing.ts';
import { plannedCluster } from '../../../support/cluster-plan.ts';
import { hostileName } from '../../../support/shown-fleet.ts';
import { sizedDomains } from '../../../support/sized-domains.ts';
import { shownPlanning } from '../../../support/shown-sizing.ts';

/** Builds a history with the newest plan first. */
const historyOf = (...plans: { document: ClusterPlan; evidence?: string }[]) => ({
  entries: ({ beforeId = Infinity, afterId = 0 }: HistoryQuery) =>
    plans
      .map((plan, index): HistoryEntry => ({
        kind: 'plan',
        id: plans.length - index,
        at: '2026-11-09T12:00:00.000Z',
        by: { name: 'anna', through: 'cli' },
        ...plan,
      }))
      .filter(({ id }) => id < beforeId && id > afterId),
});
const planning = shownPlanning(hostileName).toReversed();
const namesIn = (...plans: Parameters<typeof historyOf>) =>
  newestPlanning(historyOf(...plans))?.clusters.map(({ plan }) => plan.name);

function page(query = '', documents: readonly ClusterPlan[] = planning): string {
  const view = createView({ prefix: '/p', path: '/sizing', query: new URLSearchParams(query), accepted: 'en' });
  const found = newestPlanning(historyOf(...documents.map((document) => ({ document, evidence: '/plans/plan.json' }))));
  return renderSizingPage(found, view).replaceAll(/\s+/g, ' ');
}

test('the newest planning contains the plans recorded together with the newest plan, and no older ones', () => {
  const partOf = (document: string) => ({ partOf: { document, costUnit: 'CNY' } });
  const plan = (name: string, document: string) => ({ document: plannedCluster({ name, ...partOf(document) }) });
  expect(namesIn(plan('b', 'new'), plan('a', 'new'), plan('c', 'old'), plan('d', 'new'))).toEqual(['b', 'a']);
  // The same file was added twice.
  expect(namesIn(plan('b', 'new'), plan('a', 'new'), plan('b', 'new'), plan('a', 'new'))).toEqual(['b', 'a']);
  // From before plans named their planning.
  const bare = (name: string, evidence: string) => ({ document: plannedCluster({ name }), evidence });
  expect(namesIn(bare('b', '/new'), bare('a', '/new'), bare('c', '/old'))).toEqual(['b', 'a']);
  expect(namesIn()).toBeUndefined();
});

test('a permanent address shows the planning that was the newest at that time', () => {
  const plan = (name: string) => ({ document: plannedCluster({ name, partOf: { document: name, costUnit: 'CNY' } }) });
  const history = historyOf(plan('new'), plan('old'));
  const namesUntil = (until?: number) => newestPlanning(history, until)?.clusters.map((each) => each.plan.name);
  expect([namesUntil(), namesUntil(2), namesUntil(1), namesUntil(99)]).toEqual([['new'], ['new'], ['old'], ['new']]);
  expect(page()).toContain('href="/p/sizing?until=5"');
  expect(page('until=5')).toContain('href="/p/sizing"');
});

test('the page of a plan leads to its planning with all its clusters, not to that of another team', () => {
  const plan = (name: string, document: string) => ({
    document: plannedCluster({ name, partOf: { document, costUnit: 'CNY' } }),
  });
  const history = historyOf(
    plan('b', 'theirs'),
    plan('c', 'ours'),
    plan('b', 'ours'),
    plan('a', 'ours'),
    plan('c', 'old'),
  );
  const view = createView({ prefix: '/p', path: '/plans/2', query: new URLSearchParams(), accepted: 'en' });
  for (const entry of history.entries({ limit: 500 }).filter(({ id }) => id > 1 && id < 5)) {
    if (entry.kind !== 'plan') throw new Error('no plan');
    const [, until, shown] =
      /href="\/p\/sizing\?until=(\d+)#plan-(\d+)"/.exec(html`${renderSized(entry, view)}`.text) ?? [];
    expect(shown).toBe(String(entry.id));
    const found = newestPlanning(history, Number(until));
    expect([found?.entry, found?.clusters.map((each) => each.plan.name)]).toEqual([4, ['c', 'b', 'a']]);
  }
});

test('headroom is given for the safe maximum and after a loss, and the tightest cluster comes first', () => {
  const [only = plannedCluster()] = shownPlanning(hostileName);
  expect(headroomsOf(only)).toEqual({ up: 1 - 42_900 / 180_000, afterLoss: 1 - 42_900 / 90_000 });
  const sorted = tightestFirst(planning.map((plan, entry) => ({ entry, plan })));
  expect(sorted.map(({ plan }) => plan.name).slice(0, 2)).toEqual(['shared', hostileName]);
});

test('a cluster is labelled with its domains, and with its name too if the domains are ambiguous', () => {
  expect(shownPlanning('x').map((plan) => labelOf(plan, { strings: languages.en }))).toEqual([
    'orders',
    'returns, 订单 (shared)',
    'logs (logs-1)',
    'logs (logs-2)',
    'x',
  ]);
});

test.each(['en', 'zh'] as const)(
  'the page in %s shows demand, shape, safe maximum, reserves and refusals',
  (language) => {
    const words = sizingLanguages[language];
    const text = page(`lang=${language}`);
    for (const said of [
      '42,900',
      '180,000',
      '34,320–53,625',
      '24c48g',
      '8c16g',
      '审计',
      '/plans/plan.json',
      language === 'en' ? 'a zone lost' : '一个可用区故障',
    ])
      expect(text).toContain(said);
    const unit = language === 'en' ? 'msg/s' : '条/秒';
    expect(text).toContain(words.marginSum(`11,000 ${unit}`, '7.8', `85,800 ${unit}`).replace("'", '&#39;'));
    expect(text).toContain(reserveNames[language].promotion);
    expect(text).toContain(words.reasons.rule);
    expect(text).toContain(words.refused);
    expect(text).toMatch(new RegExp(`${words.notIncluded}</dt>\\s*<dd>审计`));
    expect(text).toContain(words.monthly('CNY', '432,000'));
  },
);

test('reserves, losses and rejections of a plan are in Chinese on the Chinese page', async () => {
  const { clusters } = await sizedDomains();
  const plan = clusters.find(({ margin }) => margin.entries.some(({ reserve }) => reserve === 'loss'));
  if (plan === undefined) throw new Error('no cluster was planned');
  const { promise, margin, rejections } = plan;
  const english = [
    ...promise.survives,
    ...margin.entries.map(({ why }) => why),
    ...rejections.map(({ message }) => message),
  ];
  const shown = (language: string, of: ClusterPlan) => page(`lang=${language}`, [of]).replaceAll('&#39;', "'");
  for (const text of english) {
    expect(shown('en', plan)).toContain(text);
    expect(shown('zh', plan)).not.toContain(text);
  }
});

test.each([
  ['en', 'no measurement'],
  ['zh', '缺少实测数据'],
] as const)('in %s, a mode without a measurement is rejected for %s', (accepted, name) => {
  const view = createView({ prefix: '', path: '/sizing', query: new URLSearchParams(), accepted });
  expect(limitName('measurement', view)).toBe(name);
});

test.each(['en', 'zh'] as const)('the page in %s has the findings of the plan, its clusters and proposals', (lang) => {
  const proposal: JudgedProposal = {
    domain: 'orders',
    broker: 'rocketmq',
    mode: 'dledger',
    shape: '96c',
    masters: 2,
    replicas: 3,
    verdict: 'not-measured',
    resources: [],
    findings: [findingOf('not-measured', { shape: '96c' })],
  };
  const findings = [findingOf('daily-share', { share: 0.7, low: 0.33, high: 0.5, source: 'rules.yaml' })];
  const partOf = { document: 'plan', costUnit: 'CNY', findings, judged: [proposal] };
  const text = page(`lang=${lang}`, [plannedCluster({ partOf, findings: [findingOf('two-zones', {})] })]);
  for (const code of ['daily-share', 'not-measured', 'two-zones']) expect(text).toContain(`<code>${code}</code>`);
  expect(text).toContain('6 × <bdi>96c</bdi>');
  expect(text).toContain(sizingLanguages[lang].judgements['not-measured']);
  expect(page(`lang=${lang}`, [plannedCluster()])).not.toContain(sizingLanguages[lang].proposed);
});

test('the history entry and the page of one plan have its findings and those of its planning', () => {
  const findings = [findingOf('daily-share', { share: 0.7, low: 0.33, high: 0.5, source: 'rules.yaml' })];
  const partOf = { document: 'plan', costUnit: 'CNY', findings };
  const document = plannedCluster({ partOf, findings: [findingOf('two-zones', {})] });
  const view = createView({ prefix: '', path: '/ledger/1', query: new URLSearchParams(), accepted: 'en' });
  const by = { name: 'anna', through: 'cli' } as const;
  const entry = { kind: 'plan', id: 1, at: '2026-11-09T12:00:00.000Z', by, document } as const;
  for (const text of [renderEntryPage(entry, view), html`${renderSized(entry, view)}`.text]) {
    for (const code of ['daily-share', 'two-zones']) expect(text).toContain(`<code>${code}</code>`);
  }
});

test('a plan that cannot carry its peak after a loss is marked', () => {
  const { promise } = plannedCluster();
  const short = plannedCluster({ promise: { ...promise, afterLossTps: { low: 1, mid: 9000, high: 9000 } } });
  expect(page('', [short])).toContain('<tr class="over">');
  expect(page('', [plannedCluster()])).not.toContain('<tr class="over">');
});

test('hostile names are escaped, and links keep the path prefix', () => {
  const text = page('lang=zh');
  expect(text).not.toContain('<script>alert');
  expect(text).toContain('&lt;script&gt;alert(1)');
  const links = [...text.matchAll(/href="([^"#][^"]*)"/g)].map(([, to]) => to);
  expect(links.filter((to) => !to?.startsWith('/p/') && to !== '/p')).toEqual([]);
});

test('a long planning is paged, and a page number beyond the end shows the last page', () => {
  const many = Array.from({ length: clustersPerPage + 1 }, (_, index) => plannedCluster({ name: `c${index}` }));
  const details = (text: string) => text.match(/<details class="why"/g)?.length;
  expect(details(page('', many))).toBe(clustersPerPage);
  expect(details(page('page=2', many))).toBe(1);
  expect(details(page('page=99', many))).toBe(1);
  expect(details(page('page=x', many))).toBe(clustersPerPage);
});

test('without a plan the page names the commands that create one', () => {
  expect(page('', [])).toContain('plimsoll size domains.yaml --json &gt; plan.json');
  expect(page('', [])).toContain('plimsoll history add plan.json');
});

test('an unchanged history is read only once', async () => {
  let [reads, revision] = [0, 1];
  const history = {
    entries: (query: HistoryQuery) => {
      reads += 1;
      return historyOf({ document: plannedCluster({ name: `c${revision}` }) }).entries(query);
    },
    revision: () => revision,
  };
  await using server = await listen(
    express().get('/sizing', createSizingPage({ history }, { prefix: '', sections: [] })),
    '127.0.0.1:0',
    { signal: new AbortController().signal },
  );
  const ask = async (query = '') => (await fetch(`${server.url}sizing${query}`)).text();
  await ask();
  await ask('?lang=zh');
  expect(reads).toBe(1);
  revision = 2;
  expect(await ask()).toContain('c2');
  await ask('?until=1');
  expect(reads).toBe(3);
});
