// Executes the two steps of a redline, and restores the layout if it is stopped.

import type { BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { textIn } from '../../core/text/bilingual.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { carryOut, type Arrival } from '../../ops/change/carry-out.ts';
import type { HeldChange } from '../../ops/change/held-journal.ts';
import {
  redlineSteps,
  restoredText,
  type RedlineActions,
  type RedlineFacts,
} from '../../ops/redline/redline-change.ts';
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

/** Time limit of requests that restore the layout after Ctrl-C. */
const tidyMs = 150_000;

/**
 * @param drive absent: the load is not raised again, because it was measured until the process ended
 * @throws AppError of a step; change-stopped if the layout is not restored
 */
export async function carryRedline(
  { kind, driver, view }: CarryParts,
  held: HeldChange<RedlineFacts>,
  drive?: RedlineDrive,
): Promise<Arrival> {
  const { journal, clock, signal } = held;
  let trouble: string | undefined;
  let failed: unknown;
  const toolsWith = (its: AbortSignal): RedlineTools => ({
    clock,
    signal: its,
    check: held.check,
    held(reason) {
      if (reason !== trouble) view.tell(`  held: ${reason}`);
      trouble = reason;
    },
    async remember(rows) {
      journal.facts.set = [...(journal.facts.set ?? []), ...rows];
      await held.save();
    },
  });
  const restore = async (its: AbortSignal) => {
    const { original, set = [], ignoredGroups = [] } = journal.facts;
    try {
      return await driver.restore(toolsWith(its), { original, set, ignoredGroups });
    } catch (cause) {
      failed = cause;
      throw cause;
    }
  };
  const notRestored = (cause: unknown): never => {
    const isLate = cause instanceof DOMException && cause.name === 'TimeoutError';
    const late = `it took more than ${tidyMs / 1000} s${trouble === undefined ? '' : `: ${trouble}`}`;
    const why = isLate ? late : cause instanceof Error ? cause.message : String(cause);
    throw new AppError('change-stopped', `the layout is not restored yet: ${why}`, {
      cause,
      hint: 'correct the cause first',
    });
  };
  const actions: RedlineActions = {
    raise: async (its) =>
      (await drive?.raise(toolsWith(its.signal))) ?? {
        stop: { code: 'interrupted', message: 'the process ended before its last step' },
      },
    restore: (its) => restore(its.signal),
  };
  const arrival = await carryOut({
    ...held,
    steps: redlineSteps(kind, journal.facts, actions),
    tell: (line) => {
      view.clear();
      view.tell(line);
    },
    async stopped(cause) {
      view.clear();
      if (cause instanceof AppError && cause.code === 'lease-lost') {
        view.tell('the layout is not restored: another process may hold the lease');
        return cause;
      }
      // It was attempted for minutes; if an operator interrupted that, one last, short attempt follows.
      if (cause === failed && !signal.aborted) return notRestored(cause);
      view.tell('restoring the layout');
      const restored = await restore(AbortSignal.timeout(tidyMs)).catch(notRestored);
      for (const line of restoredText(kind, restored)) view.tell(`  ${textIn(line, 'en')}`);
      view.tell(`next: plimsoll analyze ${quotedWord(journal.facts.bundle)}`);
      journal.facts.restored = restored;
      journal.status = 'rolled-back';
      await held.save();
      return cause;
    },
  });
  view.clear();
  return arrival;
}
