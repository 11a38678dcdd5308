// Merges blocks that each cover the same day, as printed by sar, into one reading per moment.

import type { HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import type { ToolReading } from './host-tool.ts';
import { addDays, type LocalDate } from './printed-time.ts';

const daySeconds = 86_400;

/** Combines the parts of each moment. */
export class DayColumns {
  readonly #dates: readonly LocalDate[];
  readonly #moments = new Map<number, { intervalSeconds: number; host: HostRates }>();
  /** By block: the last moment, in seconds since the first midnight, and whether more rows for it may follow. */
  readonly #last = new Map<string, { moment: number; isOpen: boolean }>();

  constructor(dates: readonly LocalDate[]) {
    this.#dates = dates;
  }

  /** Handles a heading, which has the start time of its first row: after a reboot, later than the previous row. */
  begin(block: string, secondOfDay: number): void {
    const last = this.#last.get(block)?.moment ?? 0;
    this.#last.set(block, { moment: Math.max(last, momentAfter(last, secondOfDay)), isOpen: false });
  }

  /** @returns the reading of that moment, to be extended; undefined if no time has passed, or the clock was set back */
  at(block: string, secondOfDay: number): HostRates | undefined {
    const last = this.#last.get(block);
    if (last === undefined) return undefined;
    const moment = momentAfter(last.moment, secondOfDay);
    if (moment < last.moment) last.isOpen = false;
    const known = this.#moments.get(moment);
    if (moment <= last.moment) return last.isOpen ? known?.host : undefined;
    this.#last.set(block, { moment, isOpen: true });
    if (known !== undefined) return known.host;
    const host: HostRates = {};
    this.#moments.set(moment, { intervalSeconds: moment - last.moment, host });
    return host;
  }

  readings(): ToolReading[] {
    return [...this.#moments]
      .toSorted(([a], [b]) => a - b)
      .map(([moment, { intervalSeconds, host }]) => ({
        at: {
          kind: 'local',
          dates: this.#dates.map((date) => addDays(date, Math.floor(moment / daySeconds))),
          secondOfDay: moment % daySeconds,
        },
        intervalSeconds,
        host,
      }));
  }
}

/** Midnight appears as a clock that goes back by most of a day; a smaller step is the end of summer time, or a correction. */
function momentAfter(last: number, secondOfDay: number): number {
  const today = last - (last % daySeconds) + secondOfDay;
  return last - today > daySeconds / 2 ? today + daySeconds : today;
}
