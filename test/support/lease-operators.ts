// Races operators for a lease, each in its own process that can be killed or stopped.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { runCli } from './run-cli.ts';

const program = fileURLToPath(new URL('lease-operator.ts', import.meta.url));
const expirySeconds = 6;

interface Said {
  kind: string;
  message?: string;
  holder?: { owner: string };
}

interface Operator extends Disposable {
  owner: string;
  /** Returns its next line of output. */
  next(): Promise<Said>;
  signal(name: NodeJS.Signals): void;
  release(): Promise<void>;
}

export function operatorOf(configPath: string, owner: string, ...more: 'take-over'[]): Operator {
  const words = [program, configPath, owner, String(expirySeconds), ...more];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return {
    owner,
    async next() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${owner} ended: ${complaint}`);
      return JSON.parse(value) as Said;
    },
    signal: (name) => void child.kill(name),
    async release() {
      child.stdin.end();
      await exited;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

async function statusOf(configPath: string) {
  const { stdout } = await runCli('ops', 'status', '--config', configPath, '--json');
  return (JSON.parse(stdout) as { leases: [{ state: string; lease?: { owner: string; change: string } }] }).leases[0];
}

/** Runs the race that every lease store must pass. @param change arguments of a command that changes the cluster */
export async function raceForLease(configPath: string, change: readonly string[]): Promise<void> {
  using alice = operatorOf(configPath, 'alice');
  using bob = operatorOf(configPath, 'bob');
  const race = await Promise.all([alice, bob].map(async (each) => ({ each, said: await each.next() })));
  const winner = race.find(({ said }) => said.kind === 'acquired')?.each;
  const loser = race.find(({ said }) => said.kind !== 'acquired')?.said;
  expect(winner, JSON.stringify(race)).toBeDefined();
  expect(loser, JSON.stringify(race)).toMatchObject({ holder: { owner: winner?.owner } });
  expect(await statusOf(configPath)).toMatchObject({
    state: 'held',
    lease: { owner: winner?.owner, change: 'reassign' },
  });

  // An operator whose heartbeat continues keeps the lease, and the failed takeover changes nothing.
  using carol = operatorOf(configPath, 'carol', 'take-over');
  expect(await carol.next()).toMatchObject({ kind: 'live', holder: { owner: winner?.owner } });
  const refused = await runCli(...change, '--take-over');
  expect(refused, refused.stderr).toMatchObject({ exitCode: 5 });
  expect(refused.stderr).toContain(`is being changed by ${winner?.owner} on `);

  winner?.signal('SIGKILL');
  using dave = operatorOf(configPath, 'dave');
  expect(await dave.next()).toMatchObject({ kind: 'expired', holder: { owner: winner?.owner } });
  using erin = operatorOf(configPath, 'erin', 'take-over');
  expect(await erin.next()).toEqual({ kind: 'acquired' });
  await erin.release();
  expect(await statusOf(configPath)).toEqual({ cluster: 'lab', state: 'free' });
  const done = await runCli(...change);
  expect(done, done.stderr).toMatchObject({ exitCode: 0 });
  expect(await statusOf(configPath)).toMatchObject({ state: 'free' });
}

/** An operator that is suspended for longer than the expiry, and then resumes, has lost its lease to the next one. */
export async function fenceHeldUpOperator(configPath: string): Promise<void> {
  using erin = operatorOf(configPath, 'erin');
  expect(await erin.next()).toEqual({ kind: 'acquired' });
  erin.signal('SIGSTOP');
  using frank = operatorOf(configPath, 'frank', 'take-over');
  expect(await frank.next()).toEqual({ kind: 'acquired' });
  erin.signal('SIGCONT');
  expect(await erin.next()).toMatchObject({ kind: 'lost' });
  expect(await statusOf(configPath)).toMatchObject({ state: 'held', lease: { owner: 'frank' } });
  await frank.release();
  expect(await statusOf(configPath)).toEqual({ cluster: 'lab', state: 'free' });
}
