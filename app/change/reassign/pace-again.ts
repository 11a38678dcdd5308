// Changes the pace of a resumed or rolled-back reassignment to that of the options.

import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import type { ReassignFacts, ReassignJournal } from '../../../ops/kafka/execute/reassign-facts.ts';
import { changeRulesFor } from '../change-rules.ts';
import type { ReassignCaller } from './reassign-request.ts';

type Pace = Pick<ReassignFacts, 'throttleBytesPerSecond' | 'networkBytesPerSecond' | 'movesPerBroker'>;

/** @returns a function that sets the pace. @throws AppError approval-refused if it may be faster than the approved plan */
export async function paceAgain(
  io: ReassignCaller,
  cluster: { name: string; typed: string },
  planned: Pace,
): Promise<(journal: ReassignJournal) => void> {
  const { throttle, network, 'moves-per-broker': moves } = io.options;
  const given = defined({
    throttleBytesPerSecond: throttle,
    networkBytesPerSecond: network,
    movesPerBroker: moves,
  });
  const keys = Object.keys(given) as (keyof Pace)[];
  // An explicit throttle replaces a computed one, which may have been lower.
  const isFaster = keys.some((key) => (given[key] ?? 0) > (planned[key] ?? 0));
  // A throttle takes precedence over --network, so the planned throttle would still apply.
  const endsThrottle = network !== undefined && throttle === undefined;
  const mayBeFaster = isFaster || (endsThrottle && planned.throttleBytesPerSecond !== undefined);
  if (!mayBeFaster || (await changeRulesFor(io, cluster)).approval?.required !== true) {
    return ({ facts }) => {
      if (endsThrottle) delete facts.throttleBytesPerSecond;
      Object.assign(facts, given);
    };
  }
  throw new AppError('approval-refused', 'the approved plan has another pace: nothing was changed', {
    hint: 'leave out --throttle, --network and --moves-per-broker, or give those of the plan or less; for a higher pace, roll back with --abort and plan again',
  });
}
