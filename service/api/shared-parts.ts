// Moves parameters and responses shared by several operations to the components of an OpenAPI document.

type Json = Record<string, unknown>;

/** An operation of an OpenAPI document with inline parts. */
export interface PlainOperation extends Json {
  parameters?: readonly (Json & { name: string })[];
  responses: Readonly<Record<string, Json & { description: string }>>;
}

type PlainPaths = Readonly<Record<string, Readonly<Record<string, PlainOperation>>>>;

/** @returns the paths, with references to `components` replacing parts that occur more than once */
export function shareParts(paths: PlainPaths): { paths: Json; components: Json } {
  const all = Object.values(paths).flatMap((path) => Object.values(path));
  const parameters = sharedIn(
    'parameters',
    all.flatMap((each) => (each.parameters ?? []).map((part) => ({ part, name: part.name }))),
  );
  const responses = sharedIn(
    'responses',
    all.flatMap((each) => Object.values(each.responses).map((part) => ({ part, name: nameOf(part.description) }))),
  );
  const shared = (each: PlainOperation): Json => ({
    ...each,
    ...(each.parameters && { parameters: each.parameters.map(parameters.refOr) }),
    responses: mapValues(each.responses, responses.refOr),
  });
  return {
    paths: mapValues(paths, (path) => mapValues(path, shared)),
    components: { parameters: parameters.parts, responses: responses.parts },
  };
}

function sharedIn(kind: string, all: readonly { part: Json; name: string }[]) {
  const repeated = [...Map.groupBy(all, ({ part }) => JSON.stringify(part)).values()].filter(
    ({ length }) => length > 1,
  );
  const taken = new Map<string, number>();
  const named = repeated.flatMap(([first]): [string, Json][] => {
    if (first === undefined) return [];
    const uses = (taken.get(first.name) ?? 0) + 1;
    taken.set(first.name, uses);
    return [[uses === 1 ? first.name : `${first.name}${uses}`, first.part]];
  });
  const names = new Map(named.map(([name, part]) => [JSON.stringify(part), name]));
  return {
    parts: Object.fromEntries(named.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    refOr(part: Json): Json {
      const name = names.get(JSON.stringify(part));
      return name === undefined ? part : { $ref: `#/components/${kind}/${name}` };
    },
  };
}

/** Converts a description to a name: `service-busy: too many requests at once` becomes `ServiceBusy`. */
const nameOf = (description: string) =>
  (description.split(/[:,]/)[0] ?? '')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
