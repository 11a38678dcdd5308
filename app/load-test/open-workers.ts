// Starts the local and remote workers of a run, and waits for them.

import { spawn } from 'node:child_process';
import { mkdtempDisposable, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Clock, timeoutAfter, untilAborted } from '../../core/clock.ts';
import { AppError, faultAs, ignoreFault } from '../../core/errors.ts';
import type { WorkersConfig } from '../../loadgen/remote/config.ts';
import { allOrNone, createCrew, type Crew } from '../../loadgen/remote/crew.ts';
import { type Coordinator, openCoordinator } from '../../loadgen/remote/coordinator.ts';
import { deploy, type DeployOptions } from '../../loadgen/remote/deploy.ts';
import type { Architecture } from '../../loadgen/remote/machine-check.ts';
import { programExtension, programVersion } from '../../loadgen/remote/program-version.ts';
import { packProgram } from '../../loadgen/remote/pack-program.ts';
import { issuePasses, parseAdmission, type Pass } from '../../loadgen/remote/pass.ts';
import { nameOfWorker } from '../../loadgen/remote/worker-name.ts';
import type { Config } from '../config/config-file.ts';
import type { RunCaller } from './run-request.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import type { SshTarget } from '../../hosts/ssh/connect.ts';
import { openSession } from '../../hosts/ssh/session.ts';
import type { RemoteMachine } from '../../loadgen/remote/machine.ts';

/** Clocks off by a minute are rejected. */
const mostSecondsOff = 60;
const entry = fileURLToPath(new URL(`../../loadgen/remote/worker-main${programExtension}`, import.meta.url));

/** @throws AppError of the fault that keeps a worker away; the connected workers are then dismissed */
export async function openWorkers(
  workers: WorkersConfig,
  config: Pick<Config, 'hosts'>,
  { environment, signal, clock, tell: onLog }: Omit<RunCaller, 'onProgress'>,
): Promise<Crew & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const names = workers.machines.map(nameOfWorker);
  const { admission, passes } = await admissionOf(workers, names, clock);
  const off = workers.acceptClock ? undefined : mostSecondsOff;
  const over = new AbortController();
  const running: Promise<void>[] = [];
  const { path: folder } = opened.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-workers-')));
  // Hosts are cleaned up after the workers have ended, which the coordinator announces; so the coordinator is disposed last.
  const machines = opened.use(new AsyncDisposableStack());
  opened.defer(async () => {
    const late = setTimeout(() => over.abort(new AppError('aborted', 'the run is over')), 5000);
    await Promise.allSettled(running);
    clearTimeout(late);
  });
  const coordinator = opened.use(
    await openCoordinator({
      listen: workers.listen,
      admission,
      version: programVersion(),
      mostSecondsOff: off,
      clock,
      onRefused: onLog,
    }),
  );
  // Its tokens are valid for one run. A run that cannot listen, as beside another one, has not used them.
  if (workers.admission !== undefined) await rm(workers.admission, { force: true });
  const host = workers.address ?? (isAnyAddress(workers.listen.host) ? '127.0.0.1' : workers.listen.host);
  const packed = new Map<Architecture, ReturnType<typeof packProgram>>();
  const pack = (architecture: Architecture, io: { signal: AbortSignal }) =>
    getOrMake(packed, architecture, () => packProgram(architecture, join(folder, `worker-${architecture}.tar.gz`), io));

  await allOrNone(workers.machines, signal, async (machine, index, io) => {
    const name = names[index] ?? '';
    const issued = passes.get(name);
    if (issued === undefined) return;
    const pass: Pass = { ...issued, connect: { host, port: coordinator.port } };
    const say = (line: string) => onLog(`${name}: ${line}`);
    if (machine.host === undefined) {
      running.push(runProcess(pass, environment, over.signal, say).catch((error: unknown) => lose(name, error)));
      return;
    }
    const access = config.hosts[machine.host];
    if (access?.probe !== 'ssh') {
      throw new AppError('machine-unfit', `host ${machine.host} is not configured for SSH: give it \`probe: ssh\``, {
        hint: 'or start the worker there yourself: `plimsoll worker manifests` creates its pass',
      });
    }
    const reached = machines.use(await openSshMachine(machine.host, access));
    const options: DeployOptions = {
      pack: (architecture) => pack(architecture, io),
      mostSecondsOff: off,
      keepBundle: workers.keepBundle,
      clock,
      onLog: say,
    };
    const deployed = machines.use(await deploy(reached, options, io));
    running.push(
      deployed.serve(pass, over).then(
        (said) => lose(name, new AppError('worker-absent', `worker ${name} ended: ${said || 'without a message'}`)),
        (error: unknown) => lose(name, error),
      ),
    );
  });
  function lose(name: string, error: unknown): void {
    coordinator.giveUp(name, error);
  }

  const came = await arrived(coordinator, names, workers.waitFor, signal);
  const members = workers.machines.flatMap(({ threads, weight }, index) => {
    const worker = came[index];
    return worker === undefined ? [] : [{ worker, threads, weight }];
  });
  const stack = opened.move();
  return { ...createCrew(members, workers.consumers), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Created now, or read from the file of earlier ones: a self-registering worker already has its pass. */
async function admissionOf({ admission: path, machines }: WorkersConfig, names: readonly string[], clock: Clock) {
  if (path === undefined) return issuePasses(names, clock.now());
  if (machines.some(({ host, local }) => host !== undefined || local !== undefined)) {
    throw new AppError('worker-refused', 'with `admission`, workers connect on their own: omit `host` and `local`');
  }
  const hint = 'the file is deleted after one run; `plimsoll worker manifests` creates new passes';
  const text = await readFile(path, 'utf8').catch(faultAs('worker-refused', `cannot read ${path}`, hint));
  const admission = parseAdmission(text, path);
  const missing = names.find((name) => !Object.hasOwn(admission.tokens, name));
  if (missing !== undefined) throw new AppError('worker-refused', `${path} has no pass for worker ${missing}`);
  return { admission, passes: new Map<string, Omit<Pass, 'connect'>>() };
}

const isAnyAddress = (host: string) => host === '0.0.0.0' || host === '::';

async function arrived(coordinator: Coordinator, names: readonly string[], waitFor: number, signal: AbortSignal) {
  const late = timeoutAfter(waitFor);
  try {
    return await coordinator.workers(names, { signal: AbortSignal.any([signal, late]) });
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    throw new AppError('worker-absent', `not all of the workers ${names.join(', ')} connected within ${waitFor} s`);
  }
}

async function runProcess(
  pass: Pass,
  environment: NodeJS.ProcessEnv,
  over: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, entry], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: environment,
    signal: over,
    killSignal: 'SIGKILL',
    // Separate process group: Ctrl-C on the terminal is for the coordinator, which still receives the workers' last reports.
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on('error', ignoreFault('the exit of the program is reported'));
  child.stdin.end(JSON.stringify(pass));
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('error', (cause) => {
    said += cause.message;
    resolve();
  });
  child.once('close', () => resolve());
  await promise;
  for (const line of said.trim().split('\n').filter(Boolean)) say(line);
  throw new AppError('worker-absent', `worker ${pass.worker} ended: ${said.trim() || 'without a message'}`);
}

/** @throws AppError of `openSession` */
async function openSshMachine(name: string, target: SshTarget): Promise<RemoteMachine & Disposable> {
  const session = await openSession(name, target);
  return {
    name,
    run(command, input, { signal, onLog }) {
      const work = session.run(command, input, onLog && outputWithLines(onLog));
      return untilAborted(untilAborted(work, session.ended), signal);
    },
    put(file, path, { signal }) {
      const copy = promisify((done: (cause?: Error | null) => void) =>
        session.sftp.fastPut(file, path, { mode: 0o600 }, done),
      );
      const hint = 'check free disk space and the permissions of that folder';
      const copied = copy().catch(faultAs('host-unreadable', `cannot copy to ${path} on host ${name}`, hint));
      return untilAborted(copied, AbortSignal.any([signal, session.ended]));
    },
    [Symbol.dispose]: () => session.close(),
  };
}

/** Passes each complete line of standard error on. */
function outputWithLines(onLine: (line: string) => void) {
  let [text, lineStart] = ['', 0];
  return {
    stdout: '',
    get stderr() {
      return text;
    },
    set stderr(longer) {
      text = longer;
      for (let end = text.indexOf('\n', lineStart); end >= 0; end = text.indexOf('\n', lineStart)) {
        onLine(text.slice(lineStart, end));
        lineStart = end + 1;
      }
    },
  };
}
