// Restarts the instances of a cluster one failure domain after another, each only while the cluster is healthy.

import { configPath, type Config } from '../../app/config/config-file.ts';
import { freezesOf } from '../../app/config/freezes.ts';
import { rollInstances } from '../../app/instances/change-instances.ts';
import { windowBlockers, windowsOf } from '../../app/planning/windows.ts';
import { AppError } from '../../core/errors.ts';
import { blocker, type Blocker } from '../../ops/change/step.ts';
import type { HistoryReader } from '../../service/history/history.ts';
import { openHistory } from '../../service/history/sqlite-history.ts';
import { printChange } from '../change/print-change.ts';
import { choice, defineCommand, option } from '../command.ts';
import { historyDatabase, historyFile } from '../options.ts';
import { rollingOptions, instanceChangeOptions } from '../instances/instance-options.ts';
import { knownFromHistory } from '../windows/known.ts';
import { windowOptions } from '../windows/window-options.ts';

export const instancesRollCommand = defineCommand({
  positionals: '[NAME…]',
  options: {
    ...instanceChangeOptions,
    when: option(
      'WHEN',
      'safe: stop each instance only in a window of `plimsoll windows` (default: any time)',
      choice(['safe']).optional(),
    ),
    ...rollingOptions,
    ...windowOptions,
    'history-db': historyDatabase,
  },
  examples: [
    'plimsoll instances roll --cluster orders',
    'plimsoll instances roll --cluster orders --execute --confirm u6T0R2V0RsGBm7lFiN1c1Q --wait 30m',
    'plimsoll instances roll --cluster orders --when safe --execute --wait 12h',
    'plimsoll instances roll --cluster orders --canary plimsoll-canary --execute',
    'plimsoll instances roll --cluster orders --resume',
  ],

  async run(io) {
    const { when, for: lastsSeconds, risk } = io.options;
    const times = {
      isWanted: when === 'safe',
      async blockers(cluster: string, config: Config) {
        const { service } = config;
        const nowMs = io.clock.now().getTime();
        using history = openHistory(historyFile(io, { file: configPath(io.options.config), service }), {
          clock: io.clock,
          access: 'read',
        });
        const { verdictLasts } = service.thresholds;
        return blockersNow(history, { cluster, verdictLasts, freezes: freezesOf(config), nowMs, lastsSeconds, risk });
      },
    };
    return printChange(io, await rollInstances(io, io.positionals, times));
  },
});

type RequestedWindow = Pick<Parameters<typeof windowsOf>[0], 'freezes' | 'nowMs' | 'lastsSeconds' | 'risk'> & {
  cluster: string;
  /** Seconds. */
  verdictLasts: number;
};

/** A verdict may expire between two restarts; the change then waits for a newer one. */
export function blockersNow(history: HistoryReader, { cluster, verdictLasts, ...window }: RequestedWindow): Blocker[] {
  const wanted = { cluster, survives: 'broker', limitTps: undefined } as const;
  try {
    const known = knownFromHistory(history, wanted, { nowMs: window.nowMs, lastsSeconds: verdictLasts });
    return windowBlockers(windowsOf({ cluster, ...known, ...window }));
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'not-found')) throw cause;
    return [blocker({ en: cause.message, zh: `无法确定安全时段：${cause.message}` })];
  }
}
