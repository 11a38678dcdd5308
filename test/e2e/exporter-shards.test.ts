// Runs three sharded exporters, kills one and restarts it; exactly one page must show each cluster.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { main, plimsoll } from '../support/plimsoll.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const names = ['exporter-0', 'exporter-1', 'exporter-2'];
const clusters = Array.from({ length: 12 }, (_, i) => `cluster-${i}`);
/** A page may be missing for this long, because each process may start slowly on a busy machine. */
const patienceMs = 60_000;

let scratch: string;
let config: string;
const ports = new Map<string, number>();
const running = new Map<string, ChildProcess>();

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'plimsoll-shards-'));
  for (const name of names) ports.set(name, await freePort());
  config = join(scratch, 'plimsoll.yaml');
  // Nothing listens on port 1: every cluster is down, but still shown.
  await writeFile(
    config,
    stringify({
      clusters: Object.fromEntries(clusters.map((name) => [name, { broker: 'kafka', bootstrap: ['127.0.0.1:1'] }])),
      exporter: {
        shards: {
          members: Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${ports.get(name)}`])),
          everySeconds: 0.5,
          goneAfterSeconds: 5,
        },
      },
    }),
  );
});

afterAll(async () => {
  for (const child of running.values()) child.kill('SIGKILL');
  await rm(scratch, { recursive: true });
});

test('a sharded exporter does not start without its own shard name', async () => {
  expect(await plimsoll(['exporter', '--config', config])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('give --shard with one of: exporter-0, exporter-1, exporter-2'),
  });
  expect(await plimsoll(['exporter', '--config', config, '--shard', 'exporter-9'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--shard is "exporter-9"'),
  });
});

if (fullMatrix) {
  // Takes 25 s on an idle machine, mostly waiting for the times below.
  test('the clusters of a killed exporter move to the others, and return after its restart', async () => {
    await Promise.all(names.map(start));
    const before = await eventuallyOnce((shown) => [...shown.values()].every((own) => own.length > 0));

    await kill('exporter-1');
    // No cluster may be on two pages at once, or be missing from the page of a running exporter.
    await eventuallyOnce(
      () => true,
      (shown) => {
        const all = [...shown.values()].flat();
        expect(new Set(all).size).toBe(all.length);
        for (const name of ['exporter-0', 'exporter-2']) {
          expect(shown.get(name)).toEqual(expect.arrayContaining(before.get(name) ?? ['nothing']));
        }
      },
    );

    await start('exporter-1');
    expect(await eventuallyOnce((shown) => (shown.get('exporter-1') ?? []).length > 0)).toEqual(before);
  });
}

type Shown = ReadonlyMap<string, readonly string[]>;

/**
 * Waits until exactly one page shows every cluster, and continues to do so. Clusters that return to a restarted exporter may be on both
 * pages or on none between two requests.
 *
 * @param always receives all pages until then
 */
async function eventuallyOnce(
  isWanted: (shown: Shown) => boolean = () => true,
  always: (shown: Shown) => void = () => {},
): Promise<Map<string, string[]>> {
  const until = Date.now() + patienceMs;
  for (let times = 0; ;) {
    const pages = await Promise.all([...running.keys()].map(async (name) => [name, await shownBy(name)] as const));
    const shown = new Map(pages);
    always(shown);
    const all = [...shown.values()].flat();
    const isOnce = all.length === clusters.length && new Set(all).size === clusters.length;
    times = isOnce && isWanted(shown) ? times + 1 : 0;
    if (times === 5) return shown;
    if (Date.now() > until) throw new Error(`after ${patienceMs} ms pages have ${JSON.stringify(pages)}`);
  }
}

async function shownBy(name: string): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${ports.get(name)}/metrics`);
  const page = await response.text();
  return [...page.matchAll(/^plimsoll_cluster_up\{cluster="([\w-]+)"\}/gm)]
    .map(([, cluster = '']) => cluster)
    .toSorted();
}

async function start(name: string): Promise<void> {
  const words = ['--config', config, '--shard', name, '--listen', `127.0.0.1:${ports.get(name)}`];
  const child = spawn(process.execPath, [main, 'exporter', ...words, '--state-dir', join(scratch, name)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(createInterface(child.stdout), 'line');
  running.set(name, child);
}

async function kill(name: string): Promise<void> {
  const child = running.get(name);
  running.delete(name);
  child?.kill('SIGKILL');
  if (child !== undefined) await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
