// Evaluates each rule for each subject: kept, broken, not applicable or unknown. Pure.

import type { BrokerKind } from '../../core/cluster.ts';
import { factOf, type Fact, type FactValue, type Subject } from './fact.ts';
import type { Check, Operand, Rule } from './rule.ts';

type Read = Extract<Fact, { kind: 'read' }>;

/** `not-applicable`: unknown on this kernel, or not intended for this subject; never a failure. */
type Missing = { kind: 'not-applicable'; reason: string } | { kind: 'unread'; reason: string };

type Verdict = { kind: 'kept'; found: Read } | { kind: 'broken'; found: Read } | Missing;

export type Outcome = { rule: Rule; subject: Subject } & Verdict;

export function judge(rules: readonly Rule[], subjects: readonly Subject[], broker: BrokerKind): Outcome[] {
  return rules
    .filter((rule) => rule.broker === undefined || rule.broker === broker)
    .flatMap((rule) =>
      subjects
        .filter(({ on }) => on === rule.on)
        .flatMap((subject): Outcome[] => {
          const verdict = judgeOne(rule, subject);
          return verdict === undefined ? [] : [{ rule, subject, ...verdict }];
        }),
    );
}

/** @returns undefined if the rule does not apply to such a subject */
function judgeOne({ fact: name, must, when = {}, silence }: Rule, subject: Subject): Verdict | undefined {
  for (const [condition, check] of Object.entries(when)) {
    const fact = factOf(subject, condition);
    if (fact.kind !== 'read') return missing(fact);
    const holds = isHeld(check, fact.value, subject);
    if (typeof holds === 'object') return holds;
    if (!holds) return undefined;
  }
  const fact = factOf(subject, name);
  const found =
    fact.kind === 'not-there' && silence !== undefined
      ? ({ kind: 'read', value: silence, shown: `not stated, so ${silence}`, where: fact.reason } as const)
      : fact;
  if (found.kind !== 'read') return missing(found);
  const holds = isHeld(must, found.value, subject);
  if (typeof holds === 'object') return holds;
  return { kind: holds ? 'kept' : 'broken', found };
}

const missing = ({ kind, reason }: Exclude<Fact, Read>): Missing =>
  kind === 'unread' ? { kind, reason } : { kind: 'not-applicable', reason };

/** @returns the missing fact if the value to compare with is unknown */
function isHeld(check: Check, value: FactValue, subject: Subject): boolean | Missing {
  const text = String(value);
  const bounds = [
    [check.atLeast, (bound: number, figure: number) => figure >= bound],
    [check.atMost, (bound: number, figure: number) => figure <= bound],
    [check.above, (bound: number, figure: number) => figure > bound],
    [check.below, (bound: number, figure: number) => figure < bound],
  ] as const;
  let holds = true;
  for (const [operand, isWithin] of bounds) {
    if (operand === undefined) continue;
    const bound = boundOf(operand, subject);
    if (typeof bound !== 'number') return bound;
    const figure = Number(value);
    if (text.trim() === '' || Number.isNaN(figure)) return { kind: 'unread', reason: `${text} is not a number` };
    holds &&= isWithin(bound, figure);
  }
  const is = (wanted: FactValue) => String(wanted).toLowerCase() === text.toLowerCase();
  return (
    holds &&
    (check.equals === undefined || is(check.equals)) &&
    (check.oneOf === undefined || check.oneOf.some(is)) &&
    (check.noneOf === undefined || !check.noneOf.some(is)) &&
    (check.matches === undefined || new RegExp(check.matches).test(text)) &&
    (check.matchesNot === undefined || !new RegExp(check.matchesNot).test(text))
  );
}

function boundOf(operand: Operand, subject: Subject): number | Missing {
  if (typeof operand === 'number') return operand;
  const fact = factOf(subject, operand.fact);
  if (fact.kind !== 'read') return missing(fact);
  const figure = Number(fact.value);
  if (Number.isNaN(figure))
    return { kind: 'unread', reason: `${operand.fact} is ${fact.value}, which is not a number` };
  return figure * (operand.times ?? 1) + (operand.plus ?? 0);
}
