// Assembles the guard of a run from the inputs it polls and the reports of the run itself.

import type { Clock } from '../../core/clock.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import { watchUtilisation } from '../record/utilisation.ts';
import type { Breach, Guard } from './guard.ts';
import { judgeInput, watchInput, type GuardInput } from './guard-input.ts';
import { watchSeconds, type SecondLimits } from './watched-seconds.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import { percentText } from '../../core/text/quantity-text.ts';

interface GuardParts {
  inputs: readonly GuardInput[];
  seconds: SecondLimits;
  nic: {
    maxShare: number;
    environment: TelemetryEnvironment;
    /** Hosts whose links count: those of brokers and proxies, not the generator's. */
    hosts: ReadonlySet<string>;
  };
  clock: Clock;
}

export function createGuard({ inputs, seconds: limits, nic, clock }: GuardParts): Guard {
  const utilisationsOf = watchUtilisation(nic.environment);
  const secondsOf = watchSeconds(limits);
  let tell: (breach: Breach) => void = () => {};
  return {
    async watch({ signal, onBreach }) {
      tell = onBreach;
      await Promise.all(inputs.map((input) => watchInput(input, { clock, signal, onBreach })));
    },
    observe(lines) {
      for (const breach of secondsOf(lines)) tell(breach);
    },
    see(records) {
      // A link cannot be more than full: a share of all of it is no limit.
      if (nic.maxShare >= 1) return;
      for (const { resource, host, utilisation } of utilisationsOf(records)) {
        if (!resource.startsWith('network') || !nic.hosts.has(host) || utilisation <= nic.maxShare) continue;
        const [used, allowed] = [utilisation, nic.maxShare].map(percentText);
        const reason = `${resource} of ${host} is ${used} full, ${allowed} is allowed`;
        tell({ input: `maxNicShare of ${host}`, reason, value: utilisation, limit: nic.maxShare, ends: 'trial' });
      }
    },
  };
}

/** A busy machine may leave one reading without a figure. */
const mostReadings = 3;
const pause = seconds(1);

/** Each input must have a figure, and none may be past its bounds, before anything is sent. @throws AppError guard-input-unreadable, load-stopped */
export async function checkInputs(
  inputs: readonly GuardInput[],
  { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
): Promise<void> {
  await Promise.all(
    inputs.map(async (input) => {
      let value = await input.read({ signal });
      for (let reading = 1; value === undefined && reading < mostReadings; reading++) {
        await clock.sleep(pause, { signal });
        value = await input.read({ signal });
      }
      if (value === undefined) {
        throw new AppError(
          'guard-input-unreadable',
          `${input.name} has no value now: the run could not be guarded by it`,
        );
      }
      const breach = judgeInput(input, value);
      if (breach !== undefined) {
        throw new AppError('load-stopped', `the load was not started: ${breach.reason}`, {
          hint: 'nothing was sent; wait until it is within its bounds, or change the rule',
        });
      }
    }),
  );
}
