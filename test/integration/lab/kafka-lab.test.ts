import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seconds, systemClock } from '../../../core/clock.ts';
import { cacheFolder } from '../../../core/user-folders.ts';
import { defaultKafkaVersion } from '../../../lab/kafka/release.ts';
import { readLabState, writeLabState } from '../../../lab/lab-state.ts';
import { startLab } from '../../../lab/start-lab.ts';
import { identify, isRunning } from '../../../core/started-process.ts';
import { requires } from '../../support/prerequisites.ts';

const timeout = 120_000;
const main = new URL('../../../cli/main.ts', import.meta.url).pathname;

let stateDirectory: string;
beforeEach(() => void (stateDirectory = mkdtempSync(join(tmpdir(), 'plimsoll-lab-'))));
afterEach(async () => {
  await lab('down').ended;
  rmSync(stateDirectory, { recursive: true });
});

interface Answer {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

const lab = (...words: string[]) => plimsoll('lab', ...words, '--state-dir', stateDirectory);

function plimsoll(...words: string[]): { child: ChildProcess; ended: Promise<Answer> } {
  const child = spawn(process.execPath, [main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = async (stream: AsyncIterable<Buffer>) => Buffer.concat(await Array.fromAsync(stream)).toString();
  const answer = async (): Promise<Answer> => {
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { exitCode, stdout, stderr };
  };
  return { child, ended: answer() };
}

const labFolder = () => join(stateDirectory, 'lab');
const processes = () => readLabState(labFolder())?.processes ?? [];

async function answers(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const labTest = requires('java', 'maven').test;

labTest(
  'a lab starts once, reports its status, and is removed completely',
  async () => {
    const up = await lab('up', 'kafka', '--json').ended;
    expect(up).toMatchObject({ exitCode: 0 });
    const document = JSON.parse(up.stdout) as { config: string; brokers: { id: string; address: string }[] };
    expect(document).toEqual({
      schemaVersion: 1,
      product: 'kafka',
      version: '4.3.1',
      config: join(labFolder(), 'plimsoll.yaml'),
      brokers: [{ id: '1', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string }],
    });
    const address = document.brokers[0]?.address ?? '';
    expect(await answers(address)).toBe(true);
    expect((await plimsoll('config', 'check', '--config', document.config).ended).stdout).toContain('is valid');

    const again = await lab('up', 'kafka', '--json').ended;
    expect(again.exitCode).toBe(5);
    expect(JSON.parse(again.stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'lab-running' } });

    const [broker] = processes();
    const status = JSON.parse((await lab('status', '--json').ended).stdout) as object;
    expect(status).toMatchObject({
      state: 'ready',
      version: '4.3.1',
      nodes: [{ id: '1', address, pid: broker?.pid, state: 'running', log: expect.any(String) as string }],
    });
    process.kill(broker?.pid ?? 0, 'SIGKILL');
    while (broker && isRunning(broker)) await systemClock.sleep(seconds(0.02));
    const words = (await lab('status').ended).stdout;
    expect(words).toMatch(/broker-1\s+exited/);
    expect(words).not.toContain('\u001b');

    expect((await lab('down').ended).stdout).toContain('the lab is down');
    expect(await answers(address)).toBe(false);
    expect(readdirSync(stateDirectory)).toEqual([]);
    expect((await lab('down').ended).exitCode).toBe(0);
  },
  timeout,
);

labTest(
  'down removes a lab whose start was killed',
  async () => {
    const { child, ended } = lab('up', 'kafka');
    while (processes().length === 0) await systemClock.sleep(seconds(0.02));
    child.kill('SIGKILL');
    await ended;
    const [broker] = processes();
    if (!broker) throw new Error('it was written down before the kill');
    expect(isRunning(broker)).toBe(true);
    expect((await lab('status').ended).stdout).toContain('was interrupted while it started');
    expect((await lab('down').ended).exitCode).toBe(0);
    expect(isRunning(broker)).toBe(false);
    expect(readdirSync(stateDirectory)).toEqual([]);
  },
  timeout,
);

labTest(
  'Ctrl-C during the start of a lab leaves no process and no file',
  async () => {
    const { child, ended } = lab('up', 'kafka');
    while (processes().length === 0) await systemClock.sleep(seconds(0.02));
    const [broker] = processes();
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    expect(broker && isRunning(broker)).toBe(false);
    expect(readdirSync(stateDirectory)).toEqual([]);
  },
  timeout,
);

labTest(
  'a failed broker start is reported with the error of the broker and the path of its log',
  async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const failure: unknown = await startLab(
      {
        product: 'kafka',
        version: defaultKafkaVersion,
        brokers: 1,
        properties: { listeners: `SECOND://127.0.0.1:${port}`, 'listener.security.protocol.map': 'SECOND:PLAINTEXT' },
        directory: labFolder(),
        cache: join(cacheFolder(process.env), 'lab'),
      },
      { signal: new AbortController().signal, clock: systemClock, environment: process.env, progress: () => undefined },
    ).catch((error: unknown) => error);
    const log = join(labFolder(), 'logs', 'broker-1.log');
    expect(failure).toMatchObject({
      code: 'lab-failed',
      message: expect.stringMatching(/^broker-1 ended while it started: .*Address already in use/) as string,
      hint: `its log: ${log}`,
    });
    expect(readFileSync(log, 'utf8')).toContain('Address already in use');
    expect(readLabState(labFolder())).toBeUndefined();
  },
  timeout,
);

test('down does not kill another process that has the pid of an ended broker', async () => {
  const stranger = spawn('sleep', ['600']);
  try {
    const known = identify(stranger.pid ?? 0);
    if (!known) throw new Error('it was started');
    // State after a reboot: the file remains, and other processes have the same pids.
    mkdirSync(labFolder());
    writeLabState(labFolder(), {
      schemaVersion: 1,
      id: '0123abcd',
      product: 'kafka',
      version: '4.3.1',
      brokers: [{ id: '1', name: 'broker-1', address: '127.0.0.1:9092' }],
      namespaces: [],
      processes: [{ name: 'broker-1', role: 'broker', pid: known.pid, started: 'an earlier boot/1' }],
    });
    expect((await lab('status').ended).stdout).toMatch(/broker-1\s+exited/);
    expect((await lab('down').ended).stdout).toContain('the lab is down');
    expect(isRunning(known)).toBe(true);
    expect(existsSync(labFolder())).toBe(false);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a damaged state file is an error with a hint, and no process is stopped', async () => {
  mkdirSync(labFolder());
  const path = join(labFolder(), 'lab.json');
  writeFileSync(path, '{"processes":[{"pid":1}]}');
  const { exitCode, stderr } = await lab('down').ended;
  expect(exitCode).toBe(5);
  expect(stderr).toContain(`${path} is not the state of a lab`);
  expect(readFileSync(path, 'utf8')).toContain('"pid":1');
  rmSync(path);
});
