// Reloads the config file on SIGHUP; an unusable file is logged and changes nothing.

import type { Logger } from '../../core/log.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import { endOfWait } from '../../core/ignore-fault.ts';
import type { ReloadMetrics } from '../../exporter/reload-metrics.ts';
import type { Caller } from '../caller.ts';

/** After SIGHUP answers under way still read from what was open before. */
const handOverSeconds = seconds(10);

export interface Reloadable {
  /** Reads the file and puts what it makes in place. @returns what was there before. @throws when nothing was changed */
  reload(): Promise<AsyncDisposable>;
  metrics: Pick<ReloadMetrics, 'note'>;
  /** Keys of the file whose change is not taken up. */
  needsRestart: string;
}

/** @returns what ends listening, and waits until all that was open before is closed */
export function reloadOnHangUp(
  { reload, metrics, needsRestart }: Reloadable,
  { signal, clock, log, stderr }: Pick<Caller, 'signal' | 'clock' | 'stderr'> & { log: Logger },
): AsyncDisposable {
  let closed: Promise<unknown> = Promise.resolve();
  async function closeLater(before: AsyncDisposable): Promise<void> {
    await clock.sleep(handOverSeconds, { signal }).catch(endOfWait);
    try {
      await before[Symbol.asyncDispose]();
    } catch (err) {
      log.warn({ err }, 'cannot close what the config file of before had opened');
    }
  }
  async function takeUp(): Promise<void> {
    try {
      const before = await reload();
      closed = Promise.all([closed, closeLater(before)]);
      metrics.note(true);
      stderr.write(`read the config file again; a change of ${needsRestart} needs a restart\n`);
    } catch (cause) {
      if (signal.aborted) return;
      metrics.note(false);
      refuse(cause, log);
    }
  }
  // One after the other, so that each hands over from the one before.
  let reloaded = Promise.resolve();
  const onHangUp = () => void (reloaded = reloaded.then(takeUp));
  process.on('SIGHUP', onHangUp);
  return {
    async [Symbol.asyncDispose]() {
      process.off('SIGHUP', onHangUp);
      await reloaded;
      await closed;
    },
  };
}

function refuse(cause: unknown, log: Logger): void {
  const told =
    cause instanceof AppError ? { code: cause.code, reason: cause.message, hint: cause.hint } : { err: cause };
  log.error(told, 'cannot use the changed config file, the last one stays');
}
