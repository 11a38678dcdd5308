// Serves a config file until the signal aborts. SIGHUP reloads the file; an invalid file changes nothing.

import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Logger } from '../../core/log.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import type { WatchedWebConfig } from '../../exporter/http/web-config-file.ts';
import { listen } from '../../exporter/http-server.ts';
import type { ReloadMetrics } from '../../exporter/reload-metrics.ts';
import type { Caller } from '../caller.ts';
import { loadConfig, type Config } from '../config/config-file.ts';

/** Time after SIGHUP for responses in progress, which still use the previous config. */
const handOverSeconds = seconds(10);

/** Resources of a config, disposed of after their replacement. */
export interface Served extends AsyncDisposable {
  app: RequestListener;
  /** Starts background work. @returns a function that stops it */
  start(): () => PromiseLike<void>;
}

type HangUps = ReturnType<typeof listenForHangUps>;

/** Catches SIGHUP from the start of a server, when it would otherwise end the process. */
export function listenForHangUps() {
  let isPending = false;
  let onHangUp = (): void => void (isPending = true);
  const listener = () => onHangUp();
  process.on('SIGHUP', listener);
  return {
    /** Calls back on each SIGHUP, and immediately if one arrived before. */
    onEach(reload: () => void): void {
      onHangUp = reload;
      if (isPending) reload();
    },
    [Symbol.dispose]: () => void process.off('SIGHUP', listener),
  };
}

interface Serving<Now extends Served> {
  /** Config at startup, read from `file`. */
  config: Config;
  file: string;
  address: string;
  web: WatchedWebConfig | undefined;
  /** @param before what it replaces. @throws if nothing was opened */
  open(config: Config, before?: Now): Now;
  metrics: Pick<ReloadMetrics, 'note'>;
  hangUps: HangUps;
  /** Keys of the file that take effect only after a restart. */
  needsRestart: string;
  /** Called once the address is open. */
  onListening(url: string): void;
}

type ServeIo = Pick<Caller, 'signal' | 'clock' | 'stderr'> & { log: Logger };

export async function serveConfig<Now extends Served>(
  { config, file, address, web, open, metrics, hangUps, needsRestart, onListening }: Serving<Now>,
  io: ServeIo,
): Promise<void> {
  const { signal } = io;
  await using resources = new AsyncDisposableStack();
  let now = open(config);
  resources.defer(() => now[Symbol.asyncDispose]());
  const serve: RequestListener = (request, response) => now.app(request, response);
  const server = resources.use(await listen(serve, address, { signal, ...(web && { web }) }));
  let end = now.start();
  async function reload(): Promise<AsyncDisposable> {
    const before = now;
    now = open(await loadConfig(file, { signal }), before);
    // Stops the previous one first, because two at once would do everything twice.
    await end();
    end = now.start();
    return before;
  }
  resources.use(reloadOnHangUp({ reload, metrics, hangUps, needsRestart }, io));
  onListening(server.url);
  if (!signal.aborted) await once(signal, 'abort');
  await end();
}

interface Reloading extends Pick<Serving<Served>, 'metrics' | 'hangUps' | 'needsRestart'> {
  /** @returns the replaced resources. @throws if nothing was changed */
  reload(): Promise<AsyncDisposable>;
}

/** @returns a function that stops listening, and waits until all previous resources are closed */
function reloadOnHangUp(
  { reload, metrics, hangUps, needsRestart }: Reloading,
  { signal, clock, log, stderr }: ServeIo,
): AsyncDisposable {
  let closed: Promise<unknown> = Promise.resolve();
  async function closeLater(before: AsyncDisposable): Promise<void> {
    await clock.sleep(handOverSeconds, { signal }).catch(endOfWait);
    try {
      await before[Symbol.asyncDispose]();
    } catch (err) {
      log.warn({ err }, 'cannot close the connections of the previous config file');
    }
  }
  async function takeUp(): Promise<void> {
    try {
      const before = await reload();
      closed = Promise.all([closed, closeLater(before)]);
      metrics.note(true);
      stderr.write(`config file reloaded; changes of ${needsRestart} need a restart\n`);
    } catch (cause) {
      if (signal.aborted) return;
      metrics.note(false);
      refuse(cause, log);
    }
  }
  // Reloads run one after the other, so that each takes over from the previous one.
  let reloaded = Promise.resolve();
  hangUps.onEach(() => void (reloaded = reloaded.then(takeUp)));
  return {
    async [Symbol.asyncDispose]() {
      hangUps[Symbol.dispose]();
      await reloaded;
      await closed;
    },
  };
}

function refuse(cause: unknown, log: Logger): void {
  const fields =
    cause instanceof AppError ? { code: cause.code, reason: cause.message, hint: cause.hint } : { err: cause };
  log.error(fields, 'cannot use the changed config file; the previous one stays in use');
}
