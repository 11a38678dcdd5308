import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../../core/log.ts';
import { seconds } from '../../../core/units.ts';
import { ExporterConfig, limitsOf } from '../../../exporter/config.ts';
import { discoverClusters } from '../../../exporter/discovery.ts';
import { inspectorOf, stoppedClock, troubledSnapshot } from '../../support/golden-metrics-page.ts';

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), 'plimsoll-discovery-'))));
afterAll(() => rm(scratch, { recursive: true }));

const io = { signal: new AbortController().signal };

function discover(list: { file?: string; url?: string }, clock = stoppedClock) {
  const config = ExporterConfig.parse({
    modules: { plain: { broker: 'kafka', targets: ['127.0.0.1:*'] } },
    targets: [{ module: 'plain', refreshSeconds: 60, ...list }],
  });
  const told: string[] = [];
  const closed: string[] = [];
  const discovery = discoverClusters({
    lists: config.targets,
    modules: config.modules,
    configured: new Set(['prod']),
    limits: limitsOf(config),
    clock,
    log: createLogger('warn', { write: (line) => void told.push((JSON.parse(line) as { reason: string }).reason) }),
    open: async (name) => ({
      ...inspectorOf(async () => troubledSnapshot),
      [Symbol.asyncDispose]: async () => void closed.push(name),
    }),
  });
  const clusters = () => discovery.clusters(io);
  const names = async () => (await clusters()).map(({ name }) => name);
  return { clusters, names, told, closed };
}

async function write(name: string, text: string): Promise<string> {
  const file = join(scratch, name);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
  return file;
}

test('each target of a file is a cluster; one alone takes the name its group gives', async () => {
  const file = await write(
    'named.yml',
    '- targets: ["127.0.0.1:1"]\n  labels: { cluster: eu }\n- targets: ["127.0.0.1:2", "127.0.0.1:3,127.0.0.1:4"]\n',
  );
  expect(await discover({ file }).names()).toEqual(['eu', '127.0.0.1:2', '127.0.0.1:3,127.0.0.1:4']);
});

test('a file is read again when it changes: who stays keeps the connection, who went is closed', async () => {
  const file = await write('changing.json', '[{ "targets": ["127.0.0.1:1", "127.0.0.1:2"] }]');
  const { clusters, closed } = discover({ file });
  const [, before] = await clusters();
  for (const { inspector } of await clusters()) await inspector.snapshot(io);
  await write('changing.json', '[{ "targets": ["127.0.0.1:2"] }]');
  expect(await clusters()).toEqual([before]);
  expect((await clusters())[0]).toBe(before);
  expect(closed).toEqual(['127.0.0.1:1']);
});

test('a list that cannot be read keeps what it last said, and is told once', async () => {
  const file = await write('broken.json', '[{ "targets": ["127.0.0.1:1"] }]');
  const { names, told } = discover({ file });
  await names();
  await write('broken.json', '{ "targets": ["127.0.0.1:9"] }');
  expect([await names(), await names()]).toEqual([['127.0.0.1:1'], ['127.0.0.1:1']]);
  expect(told).toEqual(['it is not a list of { targets, labels }']);
});

test('a target the module may not be used for, or with a name that is taken, is left out and told once', async () => {
  const file = await write(
    'refused.json',
    '[{ "targets": ["evil.example:9092"] }, { "targets": ["127.0.0.1:1"], "labels": { "cluster": "prod" } }]',
  );
  const { names, told } = discover({ file });
  expect([await names(), await names()]).toEqual([[], []]);
  expect(told).toEqual([
    '"evil.example:9092" is not among the targets of this module',
    'another cluster has this name',
  ]);
});

test('a list over HTTP is asked for once in its period', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    response.end(JSON.stringify([{ targets: [`127.0.0.1:${++asked}`] }]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    let now = 0;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { names } = discover({ url }, { ...stoppedClock, monotonic: () => seconds(now) });
    expect([await names(), await names()]).toEqual([['127.0.0.1:1'], ['127.0.0.1:1']]);
    now = 61;
    expect(await names()).toEqual(['127.0.0.1:2']);
  } finally {
    server.close();
    await once(server, 'close');
  }
});
