// Defines facts about a host, broker, topic, group or cluster, the input of rules.

export type FactValue = string | number | boolean;

export type Fact =
  | { kind: 'read'; value: FactValue; /** Clearer than the value. */ shown?: string; where: string }
  /** It does not exist on this kernel, in this release or in this mode. */
  | { kind: 'not-there'; reason: string }
  | { kind: 'unread'; reason: string };

export const subjectKinds = ['host', 'broker', 'topic', 'group', 'cluster'] as const;
type SubjectKind = (typeof subjectKinds)[number];

/** Facts of one origin, and the result for a name without a fact. */
export interface FactSource {
  facts: ReadonlyMap<string, Fact>;
  otherwise: (name: string) => Fact;
}

export interface Subject {
  on: SubjectKind;
  id: string;
  /** By the part of a fact's name before the first slash: `sysctl`, `jvm`, `config`… */
  sources: Readonly<Record<string, FactSource>>;
  /** Values that fill the placeholders of repair commands: `address`, `pid`… */
  names: Readonly<Record<string, string>>;
}

/** @param name such as `sysctl/vm.swappiness` */
export function factOf({ sources, on, id }: Subject, name: string): Fact {
  const at = name.indexOf('/');
  const source = sources[name.slice(0, at)];
  const key = name.slice(at + 1);
  if (source === undefined) return notThere(`${on} ${id} has no ${name.slice(0, at)}`);
  return source.facts.get(key) ?? source.otherwise(key);
}

export const notThere = (reason: string): Fact => ({ kind: 'not-there', reason });
export const unread = (reason: string): Fact => ({ kind: 'unread', reason });

/** A source of which nothing could be read. */
export const unreadableSource = (reason: string): FactSource => factsFrom({}, '', () => unread(reason));

/** @param where place of all facts, or of each; undefined values are passed to `otherwise` */
export function factsFrom(
  values: Readonly<Record<string, FactValue | undefined>>,
  where: string | ((name: string) => string),
  otherwise: FactSource['otherwise'],
): FactSource {
  const whereOf = typeof where === 'string' ? () => where : where;
  const known = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, { kind: 'read', value, where: whereOf(name) }] as const],
  );
  return { facts: new Map(known), otherwise };
}
