// Collects the printed figures of one host from several files: if two files have a section at the same time, the first counts.

import type { HostInventory } from '../../../core/documents/evidence/host-reading.ts';
import { toolSections, type HostInterval, type HostSection, type JvmInterval } from '../load-test-run.ts';
import { FirstFile } from './first-file.ts';
import type { TimedLine } from './host-tools/align.ts';
import { ratedInterval } from './rated-interval.ts';

export class PrintedFigures {
  readonly jvms: JvmInterval[] = [];
  readonly #first = new FirstFile<HostSection | 'jvm'>();
  readonly #tools = new Map<HostSection, Set<string>>();

  /** @param recorded sections that the run read itself. @returns the intervals of the file, without sections from elsewhere */
  takeFile(
    lines: readonly TimedLine[],
    tool: string,
    inventory: HostInventory | undefined,
    recorded: ReadonlySet<HostSection> = new Set(),
  ): HostInterval[] {
    const intervals: HostInterval[] = [];
    for (const line of lines) {
      const span = { from: line.elapsedSeconds - line.intervalSeconds, to: line.elapsedSeconds };
      if (line.kind === 'jvm-rates') {
        if (this.#first.takes('jvm', span)) this.jvms.push({ ...span, rates: line.rates });
        continue;
      }
      const interval = ratedInterval(span, line.rates, inventory);
      for (const section of toolSections.filter((each) => interval[each] !== undefined)) {
        if (recorded.has(section) || !this.#first.takes(section, span)) delete interval[section];
        else this.#tools.set(section, (this.#tools.get(section) ?? new Set<string>()).add(tool));
      }
      intervals.push(interval);
    }
    this.#first.endFile();
    return intervals;
  }

  /** Tools by section; absent without tools. */
  readBy(): { readBy?: Partial<Record<HostSection, string>> } {
    if (this.#tools.size === 0) return {};
    return { readBy: Object.fromEntries([...this.#tools].map(([section, tools]) => [section, [...tools].join(', ')])) };
  }
}
