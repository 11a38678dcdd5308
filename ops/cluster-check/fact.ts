// Defines facts about a host, broker, topic, group or cluster, as rules check them.

export type FactValue = string | number | boolean;

export type Fact =
  | { kind: 'read'; value: FactValue; /** Where the bare value says little. */ shown?: string; where: string }
  /** It does not exist here: this kernel, this release or this mode has no such thing. */
  | { kind: 'not-there'; reason: string }
  | { kind: 'unread'; reason: string };

export const subjectKinds = ['host', 'broker', 'topic', 'group', 'cluster'] as const;
type SubjectKind = (typeof subjectKinds)[number];

/** Facts of one origin, and what it means that one is not among them. */
export interface FactSource {
  facts: ReadonlyMap<string, Fact>;
  otherwise: (name: string) => Fact;
}

export interface Subject {
  on: SubjectKind;
  id: string;
  /** By the part of a fact's name before its first slash: `sysctl`, `jvm`, `config`… */
  sources: Readonly<Record<string, FactSource>>;
  /** What commands that repair something are filled with: `address`, `pid`… */
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

/** Where nothing could be read at all. */
export const unreadableSource = (reason: string): FactSource => factsFrom({}, '', () => unread(reason));

/** @param where of all of them, or of each; values that are undefined are left to `otherwise` */
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
