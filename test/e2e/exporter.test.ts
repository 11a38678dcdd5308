// Runs `plimsoll exporter`: serving, printing once and stopping.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { ClusterInspector } from '../../brokers/driver.ts';
import { drivers } from '../../brokers/registry.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { parseExposition } from '../support/exposition.ts';
import { main } from '../support/plimsoll.ts';
import { runWords } from '../support/run-words.ts';

let scratch: string;
let config: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'plimsoll-exporter-'));
  config = join(scratch, 'plimsoll.yaml');
  // Nothing listens on port 1: the cluster is down, the machine is not.
  await writeFile(
    config,
    'clusters:\n  gone: { broker: kafka, bootstrap: ["127.0.0.1:1"] }\nhosts:\n  here: { probe: local }\n',
  );
});
afterAll(() => rm(scratch, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

const start = (...words: string[]) =>
  spawn(process.execPath, [main, 'exporter', '--config', config, '--state-dir', join(scratch, 'state'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('listens on the printed address until Ctrl-C, then exits with 0', async () => {
  const exporter = start('--listen', '127.0.0.1:0');
  const exited = once(exporter, 'exit');
  try {
    const [line] = (await once(createInterface(exporter.stdout), 'line')) as [string];
    const [, url] = /^listening on (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line) ?? [];
    const { samples } = parseExposition(await (await fetch(`${url}metrics`)).text());
    expect(samples.get('plimsoll_cluster_up{cluster="gone"}')).toBe('0');
    expect(samples.get('plimsoll_host_up{host="here"}')).toBe('1');
  } finally {
    exporter.kill('SIGINT');
  }
  expect(await exited).toEqual([0, null]);
});

test('SIGHUP reloads the config file, and an invalid file changes nothing', async () => {
  const other = join(scratch, 'changing.yaml');
  await writeFile(other, 'hosts:\n  before: { probe: local }\n');
  const exporter = start('--config', other, '--listen', '127.0.0.1:0');
  const exited = once(exporter, 'exit');
  const [spoken, told] = [createInterface(exporter.stdout), createInterface(exporter.stderr)];
  try {
    const [line] = (await once(spoken, 'line')) as [string];
    const hosts = async () => {
      const page = await (await fetch(`${line.replace('listening on ', '')}metrics`)).text();
      return [...page.matchAll(/^plimsoll_host_up\{host="(\w+)"\}/gm)].map(([, host]) => host);
    };
    const reread = async (config: string) => {
      await writeFile(other, config);
      exporter.kill('SIGHUP');
      const [said] = (await once(told, 'line')) as [string];
      return said;
    };
    expect(await hosts()).toEqual(['before']);
    expect(await reread('hosts:\n  after: { probe: local }\n')).toContain('config file reloaded');
    expect(await hosts()).toEqual(['after']);
    expect(await reread('nonsense: 1\n')).toContain('cannot use the changed config file');
    expect(await hosts()).toEqual(['after']);
  } finally {
    exporter.kill('SIGINT');
  }
  expect(await exited).toEqual([0, null]);
});

test('after SIGHUP, an unreadable target list is reported and its clusters stay', async () => {
  const [list, own] = [join(scratch, 'targets.json'), join(scratch, 'lists.yaml')];
  const targets = '[{ "targets": ["127.0.0.1:1"], "labels": { "cluster": "listed" } }]';
  await writeFile(list, targets);
  await writeFile(
    own,
    `exporter:\n  modules: { plain: { broker: kafka, targets: ['127.0.0.1:*'] } }\n  targets: [{ module: plain, file: '${list}' }]\n`,
  );
  const exporter = start('--config', own, '--listen', '127.0.0.1:0');
  const exited = once(exporter, 'exit');
  const [spoken, told] = [createInterface(exporter.stdout), createInterface(exporter.stderr)];
  try {
    const [line] = (await once(spoken, 'line')) as [string];
    const shown = async () => {
      const page = await (await fetch(`${line.replace('listening on ', '')}metrics`)).text();
      const { samples } = parseExposition(page);
      return {
        isListed: samples.has('plimsoll_cluster_up{cluster="listed"}'),
        isUsed: samples.get('plimsoll_config_last_reload_successful'),
      };
    };
    expect(await shown()).toEqual({ isListed: true, isUsed: '1' });
    await writeFile(list, 'no list');
    expect(await shown()).toEqual({ isListed: true, isUsed: '0' });
    exporter.kill('SIGHUP');
    for await (const said of told) if (said.includes('config file reloaded')) break;
    expect(await shown()).toEqual({ isListed: true, isUsed: '0' });
    await writeFile(list, targets);
    expect(await shown()).toEqual({ isListed: true, isUsed: '1' });
  } finally {
    exporter.kill('SIGINT');
  }
  expect(await exited).toEqual([0, null]);
});

test('--once prints one page to standard output and exits with 0', async () => {
  const exporter = start('--once');
  const [page, [code]] = await Promise.all([text(exporter.stdout), once(exporter, 'exit')]);
  expect(code).toBe(0);
  expect(parseExposition(page).samples.get('plimsoll_host_up{host="here"}')).toBe('1');
});

test('--once waits for the connection to a cluster', async () => {
  const snapshot: ClusterSnapshot = {
    cluster: { name: 'gone', kind: 'kafka', brokers: [{ id: '1', address: '127.0.0.1:1' }] },
    topics: [],
    offsets: [],
    groups: [],
    sections: [{ section: 'metadata', kind: 'fresh', durationSeconds: 0.1 }],
  };
  const inspector: ClusterInspector = {
    describe: async () => snapshot.cluster,
    snapshot: async () => snapshot,
    async [Symbol.asyncDispose]() {},
  };
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue(inspector);
  const { stdout } = await runWords('exporter', '--once', '--config', config, '--state-dir', join(scratch, 'state'));
  expect(parseExposition(stdout).samples.get('plimsoll_cluster_up{cluster="gone"}')).toBe('1');
});

test('a port that is in use is an error with a hint', async () => {
  const first = start('--listen', '127.0.0.1:0');
  const ended = once(first, 'exit');
  try {
    const [line] = (await once(createInterface(first.stdout), 'line')) as [string];
    const { host } = new URL(line.replace('listening on ', ''));
    const second = start('--listen', host);
    const [talk, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);
    expect(code).toBe(5);
    expect(talk).toMatch(new RegExp(`error: cannot listen on ${host}.*\nhint: choose another port`));
  } finally {
    first.kill('SIGINT');
    await ended;
  }
});
