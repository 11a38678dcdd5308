// Parses sar text of sysstat 9 to 12: blocks of CPU, load, memory, disks and network that each have a heading.

import { defined } from '../../../../core/defined.ts';
import type { HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import {
  type HostToolImporter,
  leftOut,
  readNumber,
  type ToolReading,
  type ToolReadings,
  unreadableReadings,
} from './host-tool.ts';
import { addDays, type LocalDate, readClock } from './printed-time.ts';
import { readSysstatHead, sysstatBlocks, type ColumnReader, type SysstatBlock } from './sysstat-rows.ts';

/*
 * Linux 6.18.44 (vm) 	11/20/26 	_x86_64_	(2 CPU)
 *
 * 13:52:55        CPU     %user     %nice   %system   %iowait    %steal     %idle      start of the first interval
 * 13:52:56        all      0.00      0.00      0.99      0.00      0.00     99.01      end of that interval
 * …
 * Average:        all      0.17      0.00      0.50      0.00      0.00     99.33      ignored, because it has no time
 *
 * A block is identified by a column that no other block has.
 */
const columnsOfBlocks: Readonly<Record<SysstatBlock, string>> = {
  cpu: '%idle',
  load: 'ldavg-1',
  memory: 'kbmemfree',
  disks: 'DEV',
  links: 'rxpck/s',
  drops: 'rxdrop/s',
};
const blockNames = Object.keys(columnsOfBlocks) as SysstatBlock[];

export const sar = {
  tool: 'sar',

  detect: (head) =>
    /^Linux \S+ \(.*\)/m.test(head) && /^.{0,24}\d.*[ \t](?:CPU|IFACE|DEV|tps|runq-sz|kbmemfree)\s/m.test(head),

  import(text): ToolReadings {
    const { left, leave } = leftOut();
    const { hostName, cores } = readSysstatHead(text);
    // The output of several days may be in one file, and that of one day in several parts.
    const days = Map.groupBy(text.split(/^(?=Linux )/m), (part) => part.split('\n', 1)[0]);
    if ([...days.keys()].some((head = '') => (readSysstatHead(head).hostName ?? hostName) !== hostName)) {
      throw unreadableReadings('sar', 'it is of several machines', 'give one file per machine');
    }
    const readings = [...days.values()].flatMap((parts) => readingsOf(parts.join(''), leave));
    if (readings.length === 0) {
      throw unreadableReadings(
        'sar',
        'there is no row with a time',
        'give what `sar -u -P ALL -q -r -d -p -n DEV -n EDEV 1` prints',
      );
    }
    return { ...defined({ hostName, cores }), readings, left };
  },
} satisfies HostToolImporter;

/** @param text of one recording, with one date */
function readingsOf(text: string, leave: (what: string) => void): ToolReading[] {
  const day = new DayColumns(readSysstatHead(text).dates);
  let heading: { block: SysstatBlock | undefined; columns: ReadonlyMap<string, number> } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const time = readClock(line.slice(0, 24));
    if (time === undefined || line.startsWith('Linux ')) continue;
    const fields = line.slice(time.end).trim().split(/\s+/);
    if (fields[0] === 'LINUX') {
      leave('restarts of the machine');
      heading = undefined;
    } else if (fields[0] === 'COM') {
      leave('comments');
    } else if (isHeading(fields)) {
      const columns = new Map(fields.map((word, index) => [word, index]));
      const block = blockNames.find((name) => fields.includes(columnsOfBlocks[name]));
      heading = { block, columns };
      if (block !== undefined) day.begin(block, time.secondOfDay);
    } else if (heading !== undefined) {
      const { block, columns } = heading;
      const into = block === undefined ? undefined : day.at(block, time.secondOfDay);
      const row: ColumnReader = (column) => fields[columns.get(column) ?? -1];
      if (block === undefined) leave(`rows of ${[...columns.keys()].slice(0, 2).join(' ')}`);
      else if (into === undefined || !sysstatBlocks[block](row, into)) leave(`rows that were not understood`);
    }
  }
  return day.readings();
}

function isHeading(fields: readonly string[]): boolean {
  return (
    fields.length > 1 &&
    fields.every((word) => readNumber(word) === undefined) &&
    fields.some((word) => /[/%A-Z-]|^kb|^tps$/.test(word))
  );
}

const daySeconds = 86_400;

/** Combines the parts of each moment. */
class DayColumns {
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
