// Derives facts about the JVM from the first lines of a log, or from its events if these lines are missing.

import type { GcCollector, JvmFacts } from '../gc-event.ts';
import { bytesOf } from '../quantity.ts';
import { size } from './quantities.ts';

type Facts = Omit<JvmFacts, 'kind'>;

const collectors: readonly (readonly [string, GcCollector])[] = [
  ['Using G1', 'G1'],
  ['Using Serial', 'Serial'],
  ['Using Parallel', 'Parallel'],
  ['Using Concurrent Mark Sweep', 'CMS'],
  ['Using The Z Garbage Collector', 'Z'],
  ['Using Shenandoah', 'Shenandoah'],
];

/** Lines that a JVM logs once, at its start. */
const firstLines = /^(?:Using [A-Z]|Initializing The |CardTable entry size: |Version: )/;

const sized = new RegExp(String.raw`^(Heap [Rr]egion [Ss]ize|(?:Heap )?(?:Initial|Max) Capacity|Memory): ${size}\b`);
const sizedFact: Readonly<Record<string, 'regionBytes' | 'heapInitialBytes' | 'heapMaxBytes' | 'memoryBytes'>> = {
  'Heap Region Size': 'regionBytes',
  'Heap region size': 'regionBytes',
  'Heap Initial Capacity': 'heapInitialBytes',
  'Initial Capacity': 'heapInitialBytes',
  'Heap Max Capacity': 'heapMaxBytes',
  'Max Capacity': 'heapMaxBytes',
  Memory: 'memoryBytes',
};

export const isFirstLine = (message: string): boolean => firstLines.test(message);

/** @returns undefined if the message is not a line that a JVM logs at its start */
export function parseFacts(message: string): Facts | undefined {
  const match = sized.exec(message);
  const fact = sizedFact[match?.[1] ?? ''];
  if (match !== null && fact !== undefined) return { [fact]: bytesOf(match[2] ?? '', match[3] ?? '') };
  const collector = collectors.find(([prefix]) => message.startsWith(prefix))?.[1];
  if (collector !== undefined) return { collector };
  const version = /^Version: (\S{1,80})/.exec(message)?.[1];
  if (version !== undefined) return { jvmVersion: version };
  const cpus = /^CPUs: \d{1,6} total, (\d{1,6}) available/.exec(message)?.[1];
  if (cpus !== undefined) return { cpus: Number(cpus) };
  const heapMb = /^Heap address: .{1,60}size: (\d{1,9}) MB/.exec(message)?.[1];
  if (heapMb !== undefined) return { heapMaxBytes: Number(heapMb) * 2 ** 20 };
  const isWithoutFact = /^(?:Heap Region Count|Mode|GC Workers for Old Generation): /.test(message);
  return isWithoutFact || isFirstLine(message) ? {} : undefined;
}

const factsByType: readonly (readonly [RegExp, Facts])[] = [
  [/^Pause (?:Mark (?:Start|End)|Relocate Start)/, { collector: 'Z' }],
  [/^(?:Garbage|Minor|Major) Collection/, { collector: 'Z' }],
  [/^Pause (?:Init|Final) (?:Mark|Update Refs|Roots)|^Pause Degenerated GC/, { collector: 'Shenandoah' }],
  [/^Pause Young \((?:Normal|Mixed|Prepare Mixed|Concurrent Start)\)/, { collector: 'G1' }],
];

/** Derives the collector from an event, for a log without first lines because it was enabled later. */
export function factsFromEvent(type: string, cause: string | undefined): Facts | undefined {
  if (cause?.startsWith('G1 ')) return { collector: 'G1' };
  if (cause === 'Ergonomics') return { collector: 'Parallel' };
  return factsByType.find(([tell]) => tell.test(type))?.[1];
}

/** Derives the collector from names of generations. */
export function factsFromDetail(message: string): Facts | undefined {
  if (message.startsWith('PSYoungGen:')) return { collector: 'Parallel' };
  if (message.startsWith('CMS:')) return { collector: 'CMS' };
  if (message.startsWith('Tenured:')) return { collector: 'Serial' };
  return undefined;
}
