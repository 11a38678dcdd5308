// Finds the commands that an unknown command means: by words of their names, and by words of other tools.

import { nearest, partsOf, sharingMost } from '../core/text/nearest.ts';

/** Words that users know from kafka-*.sh, mqadmin and kubectl, or say, each with the word that our commands use. */
const ownWords: Readonly<Record<string, string>> = {
  describe: 'get',
  list: 'get',
  query: 'get',
  show: 'get',
  set: 'alter',
  update: 'alter',
  add: 'create',
  consumer: 'group',
  lag: 'group',
  msg: 'message',
  tail: 'message',
  consume: 'receive',
  produce: 'send',
  publish: 'send',
  move: 'reassign',
  rebalance: 'reassign',
  dlq: 'resend',
  capacity: 'size',
  plan: 'size',
  sizing: 'size',
  bench: 'run',
  benchmark: 'run',
  find: 'run',
  load: 'run',
  loadtest: 'run',
  perf: 'run',
  test: 'run',
  dashboard: 'serve',
  ui: 'serve',
  web: 'serve',
  metric: 'exporter',
};

/** Words that alone do not name a command. */
const vague = new Set(['get', 'ops', 'kafka', 'rocketmq', 'status', 'by', 'id']);

const mostNamed = 3;

const wordsOf = (name: string) => new Set([...partsOf(name)].map((part) => ownWords[part] ?? part));

interface UnknownCommand {
  /** All words, and the names of options. */
  typed: readonly string[];
  /** The first words, which should name a command. */
  requested: readonly string[];
  /** Group of commands that it begins with, if any. */
  owner: string | undefined;
}

/** @returns names of commands, or of a group of them */
export function meantCommands({ typed, requested, owner = '' }: UnknownCommand, names: readonly string[]): string[] {
  // Without the name of the group, which would increase the similarity.
  const own = (name: string) => name.slice(owner === '' ? 0 : owner.length + 1);
  const word = own(requested.join(' '));
  if (wordsOf(word).isDisjointFrom(new Set(names.flatMap((name) => [...wordsOf(name)])))) {
    const members = names.filter((name) => owner === '' || name.startsWith(`${owner} `)).map(own);
    const meant = nearest(word, [...members, ...members.map((name) => name.split(' ')[0] ?? name)]);
    if (meant !== undefined) return [`${owner} ${meant}`.trim()];
  }
  const words = wordsOf(typed.map((each) => each.replaceAll(/^kafka-|\.sh$/g, '')).join(' '));
  const group = wordsOf(owner);
  const sharing = [vague.union(group), group]
    .map((known) => names.filter((name) => !wordsOf(name).intersection(words).isSubsetOf(known)))
    .find(({ length }) => length > 0);
  const meant = sharingMost(words, sharing ?? [], wordsOf);
  return meant.length > mostNamed ? groupOf(meant) : meant;
}

/** @returns the words with which all names begin, if any */
function groupOf(names: readonly string[]): string[] {
  const [first = [], ...others] = names.map((name) => name.split(' '));
  const shared = first.findIndex((word, index) => others.some((other) => other[index] !== word));
  return shared > 0 ? [first.slice(0, shared).join(' ')] : [];
}
