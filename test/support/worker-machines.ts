// Provides machines for workers: network namespaces with sshd and home folder.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey, publicKeyOf, startSshd } from './sshd.ts';

export interface WorkerMachine {
  name: string;
  /** Entry of `hosts`. */
  config: Record<string, unknown>;
  home: string;
  /** Path pattern of samples that its workers store. */
  samples: string;
  /** Process ids of its workers. */
  workers(): number[];
}

export interface WorkerMachines extends AsyncDisposable {
  machines: readonly WorkerMachine[];
}

const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();

/** @param lab prefix of the namespaces of a lab with `nic`, whose hub routes to its brokers and its generator */
export async function openWorkerMachines(
  lab: string,
  folder: string,
  names: readonly string[],
): Promise<WorkerMachines> {
  await using opened = new AsyncDisposableStack();
  const key = makeKey(folder, 'user_key');
  const knownHostsFile = join(folder, 'known_hosts');
  const hub = `${lab}-hub`;
  const known: string[] = [];
  const machines: WorkerMachine[] = [];
  for (const [index, name] of names.entries()) {
    const namespace = `${lab}-${name}`;
    const [address, hubEnd] = [`198.18.${100 + index}.2`, `198.18.${100 + index}.1`];
    ip('netns', 'add', namespace);
    opened.defer(() => void ip('netns', 'del', namespace));
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', hub, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('-n', hub, 'address', 'add', `${hubEnd}/30`, 'dev', name);
    ip('-n', hub, 'link', 'set', name, 'up');
    ip('-n', namespace, 'address', 'add', `${address}/30`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    ip('-n', namespace, 'route', 'add', 'default', 'via', hubEnd);
    const [home, samples] = [join(folder, name), join(folder, `${name}-samples`)];
    for (const made of [home, samples]) mkdirSync(made);
    const sshd = opened.use(
      await startSshd({
        folder: home,
        authorized: [publicKeyOf(key)],
        inside: { namespace, address },
        environment: { PLIMSOLL_RAW_SAMPLES: samples },
      }),
    );
    known.push(sshd.knownHost);
    machines.push({
      name,
      config: {
        probe: 'ssh',
        address: `${address}:${sshd.port}`,
        user: 'root',
        privateKeyFile: key,
        knownHostsFile,
      },
      home,
      samples,
      workers: () => processesIn(namespace, 'worker-main'),
    });
  }
  writeFileSync(knownHostsFile, `${known.join('\n')}\n`);
  const stack = opened.move();
  return { machines, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** @returns processes whose command line contains the text */
export function processesIn(namespace: string, words: string): number[] {
  const pids = ip('netns', 'pids', namespace).trim().split('\n').filter(Boolean).map(Number);
  return pids.filter((pid) => commandOf(pid).includes(words));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** @returns every sample that the workers of these machines measured, ascending, in seconds */
export function samplesOf(machines: readonly WorkerMachine[]): Float64Array {
  const files = machines.flatMap(({ samples }) => readdirSync(samples).map((name) => join(samples, name)));
  const values = files.flatMap((file) => {
    const bytes = readFileSync(file);
    return [...new Float64Array(Uint8Array.from(bytes).buffer)];
  });
  return Float64Array.from(values).toSorted();
}
