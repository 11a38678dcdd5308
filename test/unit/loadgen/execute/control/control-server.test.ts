import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readControlFile } from '../../../../../loadgen/execute/control/control-file.ts';
import { serveControl } from '../../../../../loadgen/execute/control/control-server.ts';
import { runWords } from '../../../../support/run-words.ts';

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

test('reports the state of the run as JSON and as Prometheus metrics', async () => {
  await using run = await served();
  expect(await (await fetch(run.url)).json()).toEqual({ step: 2 });
  expect(await (await fetch(`${run.url}/metrics`)).text()).toBe('plimsoll_run_step 2\n');
});

test("only a client with the token in the run's control file can stop the run", async () => {
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

test('the control file exists while the run lasts', async () => {
  const run = await served();
  expect(JSON.parse(await readFile(join(run.directory, 'control.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  await run[Symbol.asyncDispose]();
  expect(await readControlFile(run.directory)).toBeUndefined();
});

test('plimsoll stop finds the active run next to a killed one and one with a damaged control file', async () => {
  const run = await served();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-stop-'));
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(async () => {
    process.chdir(before);
    await rm(folder, { recursive: true });
  });
  const { pid } = spawnSync('true');
  const killed = JSON.stringify({ schemaVersion: 1, url: run.url, token: 'x', pid });
  for (const [name, control] of [
    ['killed', killed],
    ['damaged', '{'],
  ] as const) {
    await mkdir(join('runs', name), { recursive: true });
    await writeFile(join('runs', name, 'control.json'), control);
  }
  await writeFile(join('runs', 'notes.txt'), 'no run');
  await symlink(run.directory, join('runs', 'live'));
  expect(await runWords('stop')).toMatchObject({ exitCode: 0, stdout: 'stopping the load of runs/live\n' });
  expect(run.stops).toEqual(['requested over HTTP']);
  await run[Symbol.asyncDispose]();
  const { exitCode, stderr } = await runWords('stop');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('found no running load test in runs/;')]);
  expect(stderr).toContain('; runs/killed was interrupted');
  expect(stderr).toContain('; runs/damaged/control.json is not what a run writes');
  expect(stderr).not.toContain('notes.txt');
});

test('a stop request that breaks off in its body ends neither the server nor the process', async () => {
  await using run = await served();
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => void faults.push(fault);
  process.on('unhandledRejection', onFault);
  onTestFinished(() => void process.off('unhandledRejection', onFault));
  const { token = '' } = (await readControlFile(run.directory)) ?? {};
  const client = connect(Number(new URL(run.url).port), '127.0.0.1');
  const head = ['POST /stop HTTP/1.1', 'Host: run', `Authorization: Bearer ${token}`, 'Content-Length: 50'];
  client.write(`${[...head, 'Expect: 100-continue'].join('\r\n')}\r\n\r\norders`);
  // The server has read the head of the request.
  await once(client, 'data');
  client.destroy();
  await delay(100);
  expect(faults).toEqual([]);
  expect((await fetch(run.url)).status).toBe(200);
});
