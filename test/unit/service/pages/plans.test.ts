import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { examplePolicy } from '../../../support/example-policy.ts';
import { systemClock } from '../../../../core/clock.ts';
import { changeDocument } from '../../../../cli/change/print-change.ts';
import { blocker } from '../../../../ops/change/step.ts';
import { planLanguages } from '../../../../dashboards/web/plans/plan-texts.ts';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn as scaleInKind } from '../../../../ops/rocketmq/scale-in/scale-in.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import {
  createPlanFile,
  createPlanPage,
  createPlansPage,
  planContent,
  plansOf,
} from '../../../../service/pages/plans.ts';
import { travel } from '../../../support/change-journey.ts';
import { fakeBroker, fakeCluster, store } from '../../../support/fake-change-desk.ts';
import { operator } from '../../../support/history-entries.ts';
import { fillPlans, operationOf, reassignment, scaleIn } from '../../../support/shown-plans.ts';

const hostile = `<script>alert(1)</script>"'`;
const policy = examplePolicy();

function filled(): SqliteHistory {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-plans-'));
  const history = openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock });
  onTestFinished(() => {
    history[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  fillPlans(history, hostile);
  return history;
}

async function answer(path: string, history = filled()): Promise<Response> {
  const site = { prefix: '/p', sections: [] };
  const app = express()
    .get('/plans', createPlansPage({ history }, site))
    .get('/plans/:id/rollback.json', createPlanFile('rollback')({ history }, site))
    .get('/plans/:id', createPlanPage({ history, policy }, site));
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
}
const page = async (path: string, history?: SqliteHistory) =>
  (await (await answer(path, history)).text()).replaceAll(/\s+/g, ' ');

test('a plan and its execution are one row with the current state', () => {
  const { rows, olderThan } = plansOf({ history: filled() }, undefined, undefined);
  expect(rows.map(({ entry, state }) => [entry.id, state])).toEqual([
    [5, undefined],
    [4, 'under-way'],
    [3, 'planned'],
    [2, 'aborted'],
  ]);
  expect(olderThan).toBeUndefined();
});

test('plans are filtered by cluster and paged', () => {
  const history = filled();
  expect(plansOf({ history }, 'waybills', undefined).rows.map(({ entry }) => entry.id)).toEqual([5, 4]);
  for (let number = 0; number < 60; number += 1) {
    const document = { ...operationOf(scaleIn), subject: `broker-${number}` };
    history.append({ kind: 'operation', cluster: 'waybills', document }, operator);
  }
  const { rows, olderThan } = plansOf({ history }, 'waybills', undefined);
  expect([rows.length, olderThan]).toEqual([50, 16]);
  expect(plansOf({ history }, 'waybills', olderThan).rows).toHaveLength(12);
});

test('the rollback of a RocketMQ change is a complete command, where its subject is its only other option', async () => {
  const history = filled();
  const rollbackOf = async (change: object) => {
    const document = { ...operationOf(scaleIn), ...change };
    const { id } = history.append({ kind: 'operation', cluster: 'waybills', document }, operator);
    return (await page(`/plans/${id}`, history)).replaceAll(/<\/?span>/g, '');
  };
  const scaledIn = await rollbackOf({});
  expect(scaledIn).toContain('plimsoll ops rocketmq scale-in --cluster waybills --broker broker-b --abort');
  expect(scaledIn).not.toContain('with which the change was started');
  const moved = await rollbackOf({ operation: 'name-servers', subject: '10.0.0.5:9876 to 10.0.0.7:9876' });
  expect(moved).toContain('plimsoll ops rocketmq name-servers --cluster waybills … --abort');
  expect(moved).toContain('with which the change was started');
});

test('the command for Kafka’s own tool runs beside a reassignment in progress, no faster than the slowest wave', async () => {
  const history = filled();
  const document = operationOf(reassignment());
  const { id } = history.append({ kind: 'operation', cluster: 'orders', document }, operator);
  const text = (await page(`/plans/${id}`, history)).replaceAll(/\s+/g, ' ');
  const slowest = Math.min(
    ...reassignment().waves.map(({ throttleBytesPerSecond = Infinity }) => throttleBytesPerSecond),
  );
  expect(slowest).toBeGreaterThan(1e6);
  expect(text).toContain(`rollback.json --execute --additional --throttle ${Math.floor(slowest)}</code`);
  expect(text).toMatch(/kafka-leader-election\.sh [^<]+ --path-to-json-file rollback\.json/);
  expect(text).toContain(`href="/p/plans/${id}/rollback.json`);
});

test('findings of a plan are in Chinese on a Chinese page', async () => {
  expect(await page('/plans/1?lang=zh')).toContain('分区迁移结束或切换 Leader 时');
});

test('an entry that names a plan marks it as done and is listed with its author', async () => {
  const history = filled();
  const entry = history.entry(3);
  if (entry?.kind !== 'operation') throw new Error('no operation');
  expect(planContent(entry, { history, policy }).state).toBe('planned');
  history.append(
    { kind: 'change', cluster: hostile, document: { what: 'plan-executed', entry: 3, after: 'by hand' } },
    operator,
  );
  expect(planContent(entry, { history, policy })).toMatchObject({
    state: 'done',
    history: [{ kind: 'change' }, { id: 3 }],
  });
  const later = { what: 'annotated', after: 'of something else' } as const;
  for (let each = 0; each < 501; each++)
    history.append({ kind: 'change', cluster: hostile, document: later }, operator);
  expect(planContent(entry, { history, policy })).toMatchObject({
    state: 'done',
    history: [{ document: { after: 'by hand' } }, { id: 3 }],
  });
  const text = await page('/plans/3', history);
  expect(text).toContain('by hand');
  expect(text).toContain('>ann<');
});

test.each(['en', 'zh'] as const)(
  'a reassignment in %s has waves, load, moves, both notices, rollback and log',
  async (language) => {
    const words = planLanguages[language];
    const text = await page(`/plans/1?lang=${language}`);
    const { waves, plan } = reassignment();
    const [first] = plan.partitions;
    for (const index of waves.keys()) expect(text).toContain(words.waveOf(String(index + 1)));
    expect(text).toContain(words.wavesExplained);
    expect(text).toContain(words.loadExplained('80%'));
    expect(text).toContain('id="lines-data"');
    expect(text).toContain(`${first?.topic}-${first?.partition}`);
    expect(text).toContain('Notice: Kafka replicas move between brokers');
    expect(text).toContain('通知：Kafka 分区副本迁移');
    expect(text).not.toContain('kafka-reassign-partitions.sh');
    expect(text).toMatch(
      language === 'zh'
        ? /本页为 \S+ \S+ UTC 的记录；\S+ \S+ UTC 起的状态：已回滚。/
        : /This page shows the change as recorded at \S+ \S+ UTC\. State since \S+ \S+ UTC: rolled back\./,
    );
    expect(text).toContain(
      language === 'zh' ? 'Broker 4 离开集群已满 20 秒' : 'broker 4 was gone from the cluster for 20 s',
    );
    expect(text).toContain(words.states.aborted);
  },
);

test('unknown values of a plan are named, and no chart is drawn for them', async () => {
  const text = await page('/plans/3');
  expect(text).toContain('Duration unknown: the plan lacks link speeds or partition sizes.');
  expect(text).toContain(planLanguages.en.noLoad);
  expect(text).toContain(planLanguages.en.unsized);
  expect(text).toContain('Before you send it: if the window has passed');
  expect(text).toContain('--reassignment-json-file rollback.json --verify');
  expect(text).not.toContain('lines-data');
});

test('a change in steps shows who does each step, what blocks it, and the commands to type', async () => {
  const text = await page('/plans/4');
  expect(text).toContain('on the host of mq-6:10911: supervisorctl stop PROGRAM');
  expect(text).toContain('The broker is stopped only then (2026-11-11 20:40 UTC), even if that is after the window');
  expect(text).toMatch(/sh bin\/mqshutdown broker, which stops every broker of the host/);
  expect(text).toContain('group audit has unread messages in order-paid: 1,204');
  expect(text).toContain('These messages expire unread by 2026-11-11 20:40 UTC; then the change continues.');
  const plain = text.replaceAll(/<[^>]+>/g, '');
  for (const flag of ['--resume', '--abort'])
    expect(plain).toContain(`plimsoll ops rocketmq scale-in --cluster waybills --broker broker-b ${flag}`);
  expect(text).toContain(planLanguages.en.by.operator);
  expect(text).toContain('restore brokerPermission on every member of broker-b');
});

test('the rollback is a file for Kafka’s own tool, offered only if the history has all of it', async () => {
  const response = await answer('/plans/1/rollback.json');
  expect(response.headers.get('content-disposition')).toContain('rollback.json');
  const { rollback } = reassignment();
  expect(await response.json()).toEqual(rollback);
  const history = filled();
  const document = operationOf(reassignment());
  const part = { ...document, partitions: { shown: document.partitions?.shown.slice(0, 2) ?? [], all: 20 } };
  history.append({ kind: 'operation', cluster: 'logs', document: part, evidence: 'plan.json' }, operator);
  expect((await answer('/plans/6/rollback.json', history)).status).toBe(404);
  expect(await page('/plans/6', history)).toContain(planLanguages.en.rollbackElsewhere);
});

test('an entry that is not a plan has no page, and hostile names are escaped', async () => {
  for (const path of ['/plans/99', '/plans/x', '/plans/4/rollback.json']) expect((await answer(path)).status).toBe(404);
  for (const path of ['/plans', '/plans/3', `/plans?cluster=${encodeURIComponent(hostile)}`]) {
    const text = await page(path);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script&gt;alert(1)');
  }
  expect(await page('/plans?cluster=nobody')).toContain(planLanguages.en.noneOf('nobody'));
});

test('the Chinese page of a blocked change is in Chinese; that of an older document keeps its English texts', async () => {
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') });
  const broker = cluster.brokers.get('b:1');
  broker?.commits.push({ topic: 'orders', group: 'billing', byQueue: new Map([[0, 0n]]) });
  if (broker !== undefined) store(broker, 'orders');
  const spec = { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay: false };
  const planned = await planScaleIn(cluster.desk, spec, new Date(0), { signal: new AbortController().signal });
  const { state, arrival } = await travel(cluster, scaleInKind, planned);
  if (arrival?.kind !== 'held') throw new Error('not blocked');
  const steps = scaleInKind.steps(planned.facts, { desk: cluster.desk, clock: systemClock });
  const document = changeDocument(
    {
      cluster: 'orders',
      change: 'scale-in',
      subject: 'broker-b',
      status: 'held',
      facts: planned.facts,
      findings: [],
      steps,
      records: state.steps,
      holds: [...arrival.holds, blocker(`refused: ${hostile}`), blocker({ en: 'busy', zh: `繁忙：${hostile}` })],
      path: 'journal.json',
    },
    undefined,
  );
  const history = filled();
  const { id } = history.append({ kind: 'operation', cluster: 'orders', document: operationOf(document) }, operator);
  const chinese = await page(`/plans/${id}?lang=zh`, history);
  expect(chinese).toContain('消费组 billing 在 orders 有未消费消息 1 条（没有在线客户端）');
  expect(chinese).toContain('broker-b 的 Topic 已变为只读（Topic：1 个，NameServer：1 个）');
  expect(chinese).toContain('无：本步骤不做任何修改');
  expect(chinese).not.toContain('lang="en">wait');
  expect(chinese).toContain('<bdi lang="en">refused: &lt;script&gt;alert(1)');
  expect(chinese).toContain('<bdi>繁忙：&lt;script&gt;alert(1)');
  expect(chinese).not.toContain('<script>alert');
  const old = { ...scaleIn, steps: scaleIn.steps.map((step) => ({ ...step, zh: undefined })) };
  const older = history.append({ kind: 'operation', cluster: 'orders', document: operationOf(old) }, operator);
  expect(await page(`/plans/${older.id}?lang=zh`, history)).toContain('<bdi lang="en">stop every member of broker-b');
  expect(await page(`/plans/${id}`, history)).toContain('group billing has unread messages in orders: 1');
});
