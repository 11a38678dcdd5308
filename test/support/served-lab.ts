// Runs a lab with the service, Prometheus with the shipped rules, and Alertmanager.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BitsPerSecond } from '../../core/units.ts';
import { readLabState } from '../../lab/lab-state.ts';
import type { LabRequest } from '../../lab/start-lab.ts';
import { rulesFolder } from './alert-rules.ts';
import { startAlertmanager, type RunningAlertmanager } from './alertmanager.ts';
import { openDoor } from './namespace-door.ts';
import { main } from './plimsoll.ts';
import { startPrometheus, type RunningPrometheus } from './prometheus.ts';
import { scratchLab, startScratchLab } from './scratch-lab.ts';

type LabWithoutFolder<Request> = Request extends unknown ? Omit<Request, 'directory' | 'cache' | 'nic'> : never;

export interface ShapedLab extends AsyncDisposable {
  root: string;
  configPath: string;
  ledger: string;
  /** Serves the cluster with the current history. */
  serve(): Promise<ServedLab>;
}

export interface ServedLab extends AsyncDisposable {
  /** URL of pages and API, with a trailing slash. */
  url: string;
  prometheus: RunningPrometheus;
  alertmanager: RunningAlertmanager;
}

/** Starts one broker behind a network interface of this speed. */
export async function startShapedLab(request: LabWithoutFolder<LabRequest>, nic: BitsPerSecond): Promise<ShapedLab> {
  const { root, directory, cache, io, remove } = await scratchLab('story');
  await using opened = new AsyncDisposableStack();
  opened.defer(remove);
  const { configPath } = await startScratchLab({ ...request, nic, directory, cache }, io);
  const generator = readLabState(directory)?.namespaces.find((name) => name.endsWith('-generator'));
  if (generator === undefined) throw new Error('the lab has no namespaces');
  const ledger = join(root, 'ledger.sqlite');
  const resources = opened.move();
  return {
    root,
    configPath,
    ledger,
    serve: () => serve({ root, configPath, ledger, generator }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

interface Setting {
  root: string;
  configPath: string;
  ledger: string;
  generator: string;
}

async function serve({ root, configPath, ledger, generator }: Setting): Promise<ServedLab> {
  await using opened = new AsyncDisposableStack();
  const state = join(root, 'service');
  await mkdir(state, { recursive: true });
  const words = `serve --config ${configPath} --listen 127.0.0.1:0 --history-db ${ledger} --state-dir ${state}`.split(
    ' ',
  );
  const service = spawn('ip', ['netns', 'exec', generator, process.execPath, main, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(service, 'exit');
  opened.defer(async () => {
    service.kill('SIGTERM');
    await ended;
  });
  let said = '';
  while (!/listening on \S+/.test(said)) said += String((await once(service.stdout, 'data'))[0]);
  const port = Number(new URL(/listening on (\S+)/.exec(said)?.[1] ?? '').port);
  const door = opened.use(await openDoor(generator, port, root));
  const alertmanager = opened.use(await startAlertmanager());
  const prometheus = opened.use(
    await startPrometheus({
      job: 'plimsoll',
      scrapes: [door.address],
      everySeconds: 5,
      rules: [join(rulesFolder, '*.yaml')],
      alertmanager: alertmanager.address,
    }),
  );
  const resources = opened.move();
  return {
    url: `http://${door.address}/`,
    prometheus,
    alertmanager,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Checks every second. @throws Error with the last result, on timeout */
export async function untilSo(what: string, minutes: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + minutes * 60_000; Date.now() < end; await setTimeout(1000)) {
    if (await isSo()) return;
  }
  throw new Error(`not within ${minutes} minutes: ${what}`);
}
