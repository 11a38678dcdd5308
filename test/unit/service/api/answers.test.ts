import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import type { ClusterStatus } from '../../../../core/documents/cluster-status.ts';
import { operations } from '../../../../service/api/registry.ts';
import type { Operation } from '../../../../service/api/operation.ts';
import type { HistoryLine } from '../../../../service/api/resources/history-line.ts';
import { calculate, type AnswerTo, type Question } from '../../../../service/calculation/calculation.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { serveApi, servedCluster, statusOf, type ServedApi } from '../../../support/served-api.ts';

const run = fileURLToPath(new URL('../../../fixtures/recorded-runs/find-safe', import.meta.url));
const cli = { name: 'root', through: 'cli' } as const;
const inProcess = {
  ask: async <Asked extends Question>(question: Asked) => (await calculate(question)) as AnswerTo<Asked>,
  async [Symbol.asyncDispose]() {},
};
const hostile = `<script>alert("x")</script>'; DROP TABLE entry;-- \u202Egro ${'n'.repeat(190)}`;
const peak = { tps: 900, low: 700, high: 1100, at: '2026-11-10T20:00:00Z', confidence: 0.8 };

let api: ServedApi;
beforeAll(async () => {
  const clusters = ['orders', 'pay', hostile].map((name) => servedCluster(name));
  api = await serveApi({ clusters, calculator: inProcess, jobs: [{ name: 'analysis', cluster: 'orders' }] });
  const { history } = api;
  history.append({ kind: 'verdict', cluster: 'pay', document: readAnalysis('readings') }, cli);
  history.append({ kind: 'test', cluster: 'orders', evidence: run, document: readAnalysis('load-test') }, cli);
  const forecast = { horizonEndsAt: '2026-11-12T00:00:00Z', peak, points: [], chosen: 'seasonal' };
  history.append({ kind: 'forecast', cluster: 'orders', document: forecast }, cli);
});
afterAll(() => api[Symbol.asyncDispose]());

type Line = z.output<typeof HistoryLine>;

/** Fields that some response may have; each test looks at those of its response. */
interface Told {
  status: number;
  next?: string;
  clusters: ClusterStatus[];
  states: object;
  promotion: { name: string };
  entries: Line[];
  entry: Line & { document: unknown };
  notes: Line[];
  carried: object[];
}

/** Answers are validated against their schemas in OpenAPI. */
async function ask(path: string, init?: RequestInit): Promise<Told> {
  const method = (init?.method ?? 'GET').toLowerCase();
  const response = await fetch(api.url + path, init);
  const body: unknown = await response.json();
  const parts = (path.split('?')[0] ?? '').split('/');
  const asked = (operations as readonly Operation[]).find(({ path: own, method: at }) => {
    const pattern = own.split('/');
    return (
      at === method && pattern.length === parts.length && pattern.every((p, i) => p.startsWith('{') || p === parts[i])
    );
  });
  if (asked === undefined) throw new Error(`no operation has the path ${path}`);
  if (response.ok) asked.answer.parse(body);
  return { ...(body as Told), status: response.status };
}

const post = (path: string, body: unknown) =>
  ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

test('the fleet lists the worst clusters first and counts the clusters in each state', async () => {
  api.stand({
    at: '2026-11-01T00:00:00.000Z',
    clusters: [statusOf('pay', { state: 'over' }), statusOf('orders'), statusOf(hostile)],
    promotion: { name: '双11', from: '2026-11-10T12:00:00Z', to: '2026-11-11T16:00:00Z', isOn: false },
  });
  const answer = await ask('/fleet?limit=2');
  expect(answer.clusters.map(({ cluster }) => cluster)).toEqual(['pay', 'orders']);
  expect(answer.states).toEqual({ down: 0, degraded: 0, over: 1, near: 0, stale: 0, unknown: 2, ok: 0 });
  expect(answer.promotion.name).toBe('双11');
});

test('clusters are paged by name, each exactly once', async () => {
  const seen: string[] = [];
  for (let next: string | undefined = ''; next !== undefined;) {
    const page: Told = await ask(`/clusters?limit=1${next && `&cursor=${next}`}`);
    seen.push(...page.clusters.map(({ cluster }) => cluster));
    next = page.next;
  }
  expect(seen).toEqual([hostile, 'orders', 'pay']);
  expect((await ask('/clusters?state=over')).clusters).toHaveLength(1);
  expect((await ask('/clusters?broker=rocketmq')).clusters).toEqual([]);
});

test('a cluster is returned with its status for any valid name', async () => {
  expect(await ask('/clusters/orders')).toMatchObject({ status: 200, standing: { cluster: 'orders' } });
  expect(await ask(`/clusters/${encodeURIComponent(hostile)}`)).toMatchObject({
    status: 200,
    standing: { cluster: hostile },
  });
});

test('a misspelt cluster name gets the nearest name as a hint', async () => {
  expect(await ask('/clusters/order')).toMatchObject({
    status: 404,
    error: { code: 'not-found', hint: 'did you mean "orders"?' },
  });
});

test('verdicts, tests, forecasts and plans of a cluster are lists with their figures', async () => {
  expect((await ask('/clusters/orders/verdicts')).entries).toMatchObject([
    { kind: 'test', safeMaxTps: { kind: 'predicted' } },
  ]);
  expect((await ask('/clusters/orders/tests')).entries).toHaveLength(1);
  expect((await ask('/clusters/orders/forecasts')).entries).toMatchObject([{ peak }]);
  expect((await ask('/clusters/orders/plans')).entries).toEqual([]);
  expect((await ask('/reports')).entries).toEqual([]);
});

test('the history is paged by a cursor that stays correct while entries are added', async () => {
  const first = await ask('/ledger?limit=2');
  expect(first.entries.map(({ id }) => id)).toEqual([3, 2]);
  await post('/changes', { what: 'annotated', note: 'in between' });
  const second = await ask(`/ledger?limit=2&cursor=${first.next}`);
  expect(second.entries.map(({ id }) => id)).toEqual([1]);
  expect(second.next).toBeUndefined();
  expect((await ask('/ledger?kind=forecast&cluster=orders')).entries).toHaveLength(1);
  expect((await ask('/ledger?until=2020-01-01T00:00:00Z')).entries).toEqual([]);
});

test('an entry is returned with its document and the notes about it', async () => {
  const made = await post('/changes', { what: 'annotated', entry: 2, note: hostile });
  expect(made).toMatchObject({ status: 201, entry: { cluster: 'orders', by: { name: 'anna', through: 'api' } } });
  const answer = await ask('/ledger/2');
  expect(answer.entry.document).toEqual(readAnalysis('load-test'));
  expect(answer.notes).toMatchObject([{ change: { what: 'annotated', after: hostile, entry: 2 } }]);
  expect(await ask('/ledger/99')).toMatchObject({ status: 404 });
  expect(await post('/changes', { what: 'annotated', entry: 99, note: 'x' })).toMatchObject({ status: 404 });
});

test('an analysis can be requested only for clusters that have one, and the request is recorded', async () => {
  expect(await post('/changes', { what: 'analysis-asked', cluster: 'orders', why: 'after the move' })).toMatchObject({
    status: 201,
    entry: { why: 'after the move', change: { what: 'analysis-asked', after: 'analysis' } },
  });
  expect(api.asked).toEqual(['analysis orders']);
  expect(await post('/changes', { what: 'analysis-asked', cluster: 'pay' })).toMatchObject({ status: 404 });
  expect(api.asked).toHaveLength(1);
});

test('a promotion is set in the same form as in the config', async () => {
  const promotion = { name: '双11', from: '2026-11-10T20:00', to: '2026-11-12T00:00', timezone: 'Asia/Shanghai' };
  const { entry } = await post('/changes', { what: 'promotion-set', promotion });
  expect(JSON.parse(entry.change?.after ?? '')).toEqual(promotion);
  const ended = { ...promotion, to: '2026-11-09T00:00' };
  expect(await post('/changes', { what: 'promotion-set', promotion: ended })).toMatchObject({ status: 422 });
});

test('what-if extrapolates from the last load test of a cluster', async () => {
  const answer = await ask('/clusters/orders/what-if?messageBytes=2048');
  expect(answer).toMatchObject({ status: 200, test: 2, alternative: { messageBytes: 2048 } });
  expect(answer.carried).toMatchObject([{ quantity: 'messageBytes', to: 2048 }]);
});

test('what-if uses the newest test whose run can be read, including one started through the API', async () => {
  const newer = { kind: 'test', cluster: 'orders', document: readAnalysis('load-test') } as const;
  const { id } = api.history.append({ ...newer, evidence: run }, { name: 'eve', through: 'api' });
  api.history.append({ ...newer, evidence: '/gone/run' }, cli);
  api.history.append({ ...newer, evidence: 'see the wiki' }, cli);
  expect(await ask('/clusters/orders/what-if?groups=2')).toMatchObject({ status: 200, test: id });
});

test('what-if refuses impossible values with their bounds, and a cluster without a test', async () => {
  for (const query of [
    'messageBytes=0',
    'groups=1001',
    'brokers=1e9',
    'compression=NaN',
    'acks=maybe',
    'nic=-1',
    'replicas=',
  ]) {
    expect(await ask(`/clusters/orders/what-if?${query}`), query).toMatchObject({
      status: 400,
      error: { code: 'request-invalid' },
    });
  }
  expect(await ask('/clusters/orders/what-if?replicas=9&brokers=2')).toMatchObject({
    status: 400,
    error: { message: 'replicas=9 on 2 brokers cannot be' },
  });
  expect(await ask('/clusters/pay/what-if?groups=2')).toMatchObject({ status: 404 });
});

interface Example {
  catalogue?: string;
  measurements: { stated?: object }[];
  domains: Record<string, object>;
}
const example = (name: string): Example =>
  parse(readFileSync(new URL(`../../../../examples/${name}`, import.meta.url), 'utf8'));

test('domains are sized as by the command, including measurements taken from recorded verdicts', async () => {
  const { catalogue: _, ...domains } = example('domains.yaml');
  const catalogue = example('domains-catalogue.yaml');
  const plans = await post('/size', { domains, catalogue, worlds: 32 });
  expect(plans).toMatchObject({ status: 200, worlds: { count: 32, seed: 'plimsoll' } });
  expect(plans.clusters.length).toBeGreaterThan(0);
  const { stated: __, ...measured } = domains.measurements[0] ?? {};
  const of = (verdict: string) => ({
    domains: { ...domains, measurements: [{ ...measured, verdict }] },
    catalogue,
    worlds: 32,
  });
  expect(await post('/size', of('ledger:2'))).toMatchObject({ status: 200 });
  expect(await post('/size', of('ledger:77'))).toMatchObject({ status: 404 });
  expect(await post('/size', of('/etc/passwd'))).toMatchObject({ status: 422 });
});

test('a request to plan too many domains is refused before planning starts', async () => {
  const [name, domain] = Object.entries(example('domains.yaml').domains)[0] ?? [];
  const domains = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${name}-${index}`, domain]));
  expect(await post('/size', { domains: { domains }, catalogue: example('domains-catalogue.yaml') })).toMatchObject({
    status: 422,
    error: { code: 'body-invalid', message: 'domains.domains: 101 exceed the 100 that can be planned at once' },
  });
});

test('the health endpoint returns the revision of the history', async () => {
  const body: unknown = await (await fetch(`${api.url}/healthz`)).json();
  expect(body).toEqual({ schemaVersion: 1, status: 'ok', revision: api.history.revision() });
});

test('a note is found even if more than a page of changes follows it', async () => {
  await post('/changes', { what: 'annotated', entry: 1, note: 'about the first' });
  const document = { what: 'annotated', after: 'of something else' } as const;
  for (let later = 0; later < 501; later++) api.history.append({ kind: 'change', cluster: 'pay', document }, cli);
  expect((await ask('/ledger/1')).notes).toMatchObject([{ change: { after: 'about the first', entry: 1 } }]);
});
