import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { expect, test } from 'vitest';
import type { InstanceStatus } from '../../../../core/documents/instances.ts';
import { seconds } from '../../../../core/clock.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { limitInstances, watchInstances } from '../../../../service/instances/instance-watch.ts';
import { createInstancesPage } from '../../../../service/pages/instances.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const running: InstanceStatus = {
  name: 'orders-1',
  cluster: 'orders',
  host: 'mq-1',
  role: 'kafka-broker',
  broker: '1',
  failureDomain: 'mq-1',
  desired: 'running',
  state: 'running',
  startedBy: 'supervisord',
  version: '4.3.1',
  port: 9092,
  directories: [],
  restartsLastHour: 0,
};
const crashing: InstanceStatus = {
  ...running,
  name: 'orders-2',
  host: 'mq-2',
  state: 'crash-loop',
  reason: 'Exited too quickly <process log may have details>',
};
const other: InstanceStatus = { ...running, name: 'logs-1', cluster: 'logs', role: 'rocketmq-name-server' };
const { cluster: _cluster, desired: _desired, ...unlisted } = { ...running, name: 'pid 7', state: 'running' as const };

async function watched(instances: InstanceStatus[], hasFile = true) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-instances-'));
  const configFile = join(folder.path, 'plimsoll.yaml');
  await writeFile(configFile, 'clusters: {}\n');
  if (hasFile) await writeFile(join(folder.path, 'instances.yaml'), 'schemaVersion: 1\ninstances: {}\n');
  const clock = createHandClock();
  const read = async () => ({ schemaVersion: 1 as const, instances, notices: ['host mq-3 was not read'] });
  const watch = watchInstances({ configFile, every: seconds(60), clock, read });
  await watch.job.run({ signal: new AbortController().signal });
  return { watch, clock, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function page(watch: Parameters<typeof limitInstances>[0], language: string) {
  const app = express().get('/instances', createInstancesPage({ instances: watch }, { prefix: '', sections: [] }));
  await using server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const answer = await fetch(new URL(`/instances?lang=${language}`, server.url));
  return (await answer.text()).replaceAll(/\s+/g, ' ');
}

test('the page lists instances outside their desired state first, in both languages, with text escaped', async () => {
  await using given = await watched([running, crashing, other, unlisted]);
  const text = await page(given.watch, 'en');
  expect(text).toContain('Instances in the desired state: 2 of 3.');
  expect(text).toContain('Exited too quickly &lt;process log may have details&gt;');
  expect(text).toContain('Not in instances.yaml');
  expect(text).toContain('host mq-3 was not read');
  expect(text.indexOf('orders-2')).toBeLessThan(text.indexOf('orders-1'));
  expect(await page(given.watch, 'zh')).toContain('3 个实例中有 2 个处于期望状态。');
});

test('without instances.yaml no host is read, and the page explains how to begin', async () => {
  await using given = await watched([running], false);
  expect(given.watch.last()).toBeUndefined();
  expect(await page(given.watch, 'en')).toContain('No instances yet.');
});

test('a viewer of one cluster sees only its processes and no notices about hosts', async () => {
  await using given = await watched([running, other, unlisted]);
  const limited = limitInstances(given.watch, (cluster) => cluster === 'orders').last();
  expect(limited?.instances.map(({ name }) => name)).toEqual(['orders-1']);
  expect(limited?.notices).toEqual([]);
});

test('a starting instance is read again after 15 s, and stable instances after the regular interval', async () => {
  await using resting = await watched([running, crashing]);
  expect(resting.watch.job.nextAfter?.()).toBeUndefined();
  await using starting = await watched([running, { ...running, name: 'orders-3', state: 'starting' }]);
  expect(starting.watch.job.nextAfter?.()).toBe(15);
});

test('an outdated reading exports no metrics but stays on the page with its time', async () => {
  await using given = await watched([running]);
  expect(given.watch.current()).toHaveLength(1);
  given.clock.advance(301);
  expect(given.watch.current()).toEqual([]);
  expect(given.watch.last()?.instances).toHaveLength(1);
});
