// Looks up what to do with a member of a union by its kind.

/** A function for each kind: a missing one is a compile error. */
export type KindTable<Member extends { kind: string }, Result> = {
  readonly [Kind in Member['kind']]: (member: Member & { kind: Kind }) => Result;
};

/** Calls the function of the member's kind. */
export function forKind<Member extends { kind: string }, Result>(
  member: Member,
  table: KindTable<Member, Result>,
): Result {
  const kind: Member['kind'] = member.kind;
  return table[kind](member);
}
