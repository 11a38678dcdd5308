// Executes the two steps of a redline; the layout is restored also if it is stopped.

import type { Io } from '../../brokers/driver.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { carryOut, type Arrival } from '../../ops/change/carry-out.ts';
import type { HeldChange } from '../../ops/change/held-journal.ts';
import { redlineSteps, type RedlineActions, type RedlineFacts } from '../../ops/redline/redline-change.ts';
import type { RedlineDriver, RedlineTools } from '../../ops/redline/redline-driver.ts';
import type { RedlineDrive } from './drive-redline.ts';

export interface RedlineView {
  tell(line: string): void;
  progress(line: string): void;
  clear(): void;
}

interface CarryParts {
  kind: BrokerKind;
  driver: Pick<RedlineDriver, 'restore'>;
  view: RedlineView;
}

/**
 * @param drive absent: the load is not raised again, because it was measured until the process ended
 * @throws AppError of a step; change-stopped if the layout is not restored
 */
export async function carryRedline(
  { kind, driver, view }: CarryParts,
  held: HeldChange<RedlineFacts>,
  drive?: RedlineDrive,
): Promise<Arrival> {
  const { journal, clock } = held;
  const { facts } = journal;
  let trouble: string | undefined;
  const toolsWith = ({ signal }: Io): RedlineTools => ({
    clock,
    signal,
    check: held.check,
    held(reason) {
      if (reason !== trouble) view.tell(`  held: ${reason}`);
      trouble = reason;
    },
    async remember(rows) {
      facts.set = [...(facts.set ?? []), ...rows];
      await held.save();
    },
  });
  const actions: RedlineActions = {
    raise: async (io) =>
      (await drive?.raise(toolsWith(io))) ?? {
        // A rollback that failed after the load had ended is followed by --resume.
        stop: facts.stop ?? { code: 'interrupted', message: 'the process ended before its last step' },
      },
    async restore(io) {
      const { original, set = [], ignoredGroups = [] } = facts;
      facts.restored = await driver.restore(toolsWith(io), { original, set, ignoredGroups });
      return facts.restored;
    },
  };
  const tell = (line: string) => {
    view.clear();
    view.tell(line);
  };
  try {
    const steps = redlineSteps(kind, facts, actions);
    return await carryOut({ ...held, steps, tell, rollsBackWhenStopped: true });
  } catch (cause) {
    if (journal.status === 'rolled-back') tell(`next: plimsoll analyze ${quotedWord(facts.bundle)}`);
    throw cause;
  } finally {
    view.clear();
  }
}
