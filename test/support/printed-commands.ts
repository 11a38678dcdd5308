// Collects every `plimsoll …` that the program and its pages print: documents, runbooks, alerts, hints and the event page.

import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prepareActions } from '../../analyzer/forecast/event/prepare-actions.ts';
import type { EventState } from '../../analyzer/forecast/event/prepared.ts';
import { measuredOrders } from './capacity-report-inputs.ts';
import { commandsIn, commandsSpokenOf, shellBlocksOf } from './documented-blocks.ts';
import { productFiles } from './source-files.ts';

export interface PrintedCommand {
  where: string;
  /** Arguments without `plimsoll`. */
  words: readonly string[];
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path: string) => readFileSync(`${repository}/${path}`, 'utf8');
const at = (where: string, commands: readonly (readonly string[])[]): PrintedCommand[] =>
  commands.map((words) => ({ where, words }));

export const documentCommands = (pattern: readonly string[]): PrintedCommand[] =>
  globSync([...pattern], { cwd: repository }).flatMap((path) => {
    const text = textOf(path);
    return at(path, [...shellBlocksOf(text).flatMap(({ script }) => commandsIn(script)), ...commandsSpokenOf(text)]);
  });

export const alertCommands = (): PrintedCommand[] =>
  globSync('alerts/rules/*.yaml', { cwd: repository }).flatMap((path) => at(path, commandsSpokenOf(textOf(path))));

/** Returns commands in messages and hints of the sources: template values are one argument here. */
export const hintCommands = (): PrintedCommand[] =>
  productFiles().flatMap(({ path, url }) => {
    const text = readFileSync(url, 'utf8')
      .replaceAll(/\/\*[^]*?\*\/|^ *\/\/[^\n]*$/gm, '')
      .replaceAll(/(?<=[a-z])\$\{[^{}`]*\}/g, '')
      .replaceAll(/\$\{[^{}`]*\}/g, 'X')
      .replaceAll('\\`', '`');
    const spoken = [...text.matchAll(/`(plimsoll [a-z][^`\n$]*)`/g)].map(([, words = '']) => words);
    return at(path, commandsIn(spoken.join('\n')));
  });

/** Returns every action that the event page can offer, for both broker kinds. */
export function eventPageCommands(): string[] {
  const common = {
    cluster: 'lab',
    verdict: {
      ...measuredOrders,
      fingerprint: { 'broker.settings.fileReservedTime': '72' },
      retention: { tps: 9000, retentionSeconds: 259_200, limitedBy: { resource: 'disk-space', node: '1' } },
    },
    peak: { mid: 30_000, high: 36_000 },
    topics: new Map([['orders', 20_000]]),
    clientIds: new Map([['orders', 'shop']]),
    messageBytes: new Map([['orders', 1000]]),
  } as const satisfies Partial<EventState>;
  const brokers = (...names: string[]) => new Map(names.map((name, index) => [name, 12_000 / (index + 1)]));
  const states: EventState[] = [
    {
      ...common,
      broker: 'kafka',
      brokers: brokers('1', '2', '3'),
      partitions: new Map([['orders', new Map([['1', 6]])]]),
    },
    {
      ...common,
      broker: 'rocketmq',
      brokers: brokers('broker-a', 'broker-b'),
      partitions: new Map([['orders', new Map(Object.entries({ 'broker-a': 8, 'broker-b': 8 }))]]),
    },
  ];
  return states.flatMap((state) =>
    prepareActions(state).flatMap((lever) => (lever.kind === 'ready' ? lever.commands : [])),
  );
}

export const pageCommands = (): PrintedCommand[] => at('event page', commandsIn(eventPageCommands().join('\n')));
