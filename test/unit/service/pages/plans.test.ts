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
import { planLanguages } from '../../../../dashboards/web/plans/plan-texts.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import {
  createPlanFile,
  createPlanPage,
  createPlansPage,
  planContent,
  plansOf,
} from '../../../../service/pages/plans.ts';
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
  expect(plansOf({ history }, 'orders', undefined).rows.map(({ entry }) => entry.id)).toEqual([4]);
  for (let number = 0; number < 60; number += 1) {
    const document = { ...operationOf(scaleIn), subject: `broker-${number}` };
    history.append({ kind: 'operation', cluster: 'orders', document }, operator);
  }
  const { rows, olderThan } = plansOf({ history }, 'orders', undefined);
  expect([rows.length, olderThan]).toEqual([50, 16]);
  expect(plansOf({ history }, 'orders', olderThan).rows).toHaveLength(11);
});

test('findings of a plan are in Chinese on a Chinese page', async () => {
  expect(await page('/plans/1?lang=zh')).toContain('迁移结束或 Leader 切换时');
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
    const { waves } = reassignment();
    for (const index of waves.keys()) expect(text).toContain(words.waveOf(String(index + 1)));
    expect(text).toContain(words.wavesExplained);
    expect(text).toContain(words.loadExplained('80%'));
    expect(text).toContain('id="lines-data"');
    expect(text).toContain('payments-0');
    expect(text).toContain('Notice: Kafka replicas move between brokers');
    expect(text).toContain('通知：Kafka 分区副本迁移');
    expect(text).toContain('href="/p/plans/1/rollback.json');
    expect(text).toContain('broker 4 is out of the cluster');
    expect(text).toContain(words.states.aborted);
  },
);

test('unknown values of a plan are named, and no chart is drawn for them', async () => {
  const text = await page('/plans/3');
  expect(text).toContain(planLanguages.en.unknownTime);
  expect(text).toContain(planLanguages.en.noLoad);
  expect(text).toContain(planLanguages.en.unsized);
  expect(text).not.toContain('lines-data');
});

test('a change in steps shows who does each step, what blocks it, and the commands to type', async () => {
  const text = await page('/plans/4');
  expect(text).toContain('sh bin/mqshutdown broker');
  expect(text).toContain('group billing has 1,204 unread messages');
  expect(text).toContain(planLanguages.en.by.operator);
  expect(text).toContain('give it back (brokerPermission 6)');
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
