import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readControlFile } from '../../../../../loadgen/execute/control/control-file.ts';
import { serveControl } from '../../../../../loadgen/execute/control/control-server.ts';

async function served() {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-control-'));
  const stops: string[] = [];
  const server = await serveControl({
    directory,
    status: () => ({ step: 2 }),
    metrics: () => 'plimsoll_run_step 2\n',
    onStop: (reason) => stops.push(reason),
  });
  return {
    directory,
    stops,
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

test('reports how it goes, to people and to Prometheus', async () => {
  await using run = await served();
  expect(await (await fetch(run.url)).json()).toEqual({ step: 2 });
  expect(await (await fetch(`${run.url}/metrics`)).text()).toBe('plimsoll_run_step 2\n');
});

test('only those who may read the file of the run may stop it', async () => {
  await using run = await served();
  const stop = (token: string) =>
    fetch(`${run.url}/stop`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: 'orders\nare slow',
    });
  expect((await stop('guessed')).status).toBe(403);
  expect(run.stops).toEqual([]);
  const control = await readControlFile(run.directory);
  expect((await stop(control?.token ?? '')).status).toBe(202);
  expect(run.stops).toEqual(['requested over HTTP: orders are slow']);
  expect((await stat(join(run.directory, 'control.json'))).mode & 0o777).toBe(0o600);
});

test('the file is there while the run lasts', async () => {
  const run = await served();
  expect(JSON.parse(await readFile(join(run.directory, 'control.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  await run[Symbol.asyncDispose]();
  expect(await readControlFile(run.directory)).toBeUndefined();
});
