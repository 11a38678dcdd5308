// Merges blocks that each run through the same day, as sar prints them, into one reading per moment.

import type { HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import type { ToolReading } from './host-tool.ts';
import { addDays, type LocalDate } from './printed-time.ts';

const daySeconds = 86_400;

/** Puts the parts of each moment together. */
export class DayColumns {
  readonly #dates: readonly LocalDate[];
  readonly #moments = new Map<number, { intervalSeconds: number; host: HostRates }>();
  /** By block: the last moment, in seconds since the first midnight. */
  readonly #last = new Map<string, number>();

  constructor(dates: readonly LocalDate[]) {
    this.#dates = dates;
  }

  /** A heading, which prints when the interval of its first row began: after a restart of the machine later than the row before. */
  begin(block: string, secondOfDay: number): void {
    this.#last.set(block, this.#momentOf(block, secondOfDay) ?? secondOfDay);
  }

  /** @returns the reading of that moment, to be extended; undefined where no time has passed since the heading */
  at(block: string, secondOfDay: number): HostRates | undefined {
    const last = this.#last.get(block);
    const moment = this.#momentOf(block, secondOfDay);
    if (last === undefined || moment === undefined) return undefined;
    const known = this.#moments.get(moment);
    if (moment === last) return known?.host;
    this.#last.set(block, moment);
    if (known !== undefined) return known.host;
    const host: HostRates = {};
    this.#moments.set(moment, { intervalSeconds: moment - last, host });
    return host;
  }

  #momentOf(block: string, secondOfDay: number): number | undefined {
    const last = this.#last.get(block);
    if (last === undefined) return undefined;
    const today = last - (last % daySeconds) + secondOfDay;
    return today < last ? today + daySeconds : today;
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
