// Defines a rule of the cluster check as data: fact, requirement, reason, source and fix.

import { z } from 'zod';
import { brokerKinds } from '../../core/cluster.ts';
import { severities } from '../../core/severity.ts';
import { subjectKinds } from './fact.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A number, or the value of another fact of the same subject, with an optional factor and addend. */
export const Operand = z.union([
  z.number(),
  z.strictObject({ fact: z.string(), times: z.number().optional(), plus: z.number().optional() }),
]);
export type Operand = z.infer<typeof Operand>;

/** All given conditions must hold. */
export const Check = z
  .strictObject({
    equals: Scalar.optional(),
    oneOf: z.array(Scalar).min(1).optional(),
    noneOf: z.array(Scalar).min(1).optional(),
    atLeast: Operand.optional(),
    atMost: Operand.optional(),
    above: Operand.optional(),
    below: Operand.optional(),
    /** A regular expression. */
    matches: z.string().optional(),
    matchesNot: z.string().optional(),
  })
  .refine((check) => Object.keys(check).length > 0, 'a check that always passes');
export type Check = z.infer<typeof Check>;

const Source = z.strictObject({ document: z.string().min(1), says: z.string().min(1) });

export const Rule = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]+$/),
  on: z.enum(subjectKinds),
  /** Kind of broker; absent: both. */
  broker: z.enum(brokerKinds).optional(),
  fact: z.string().regex(/^[a-z]+\/.+$/),
  must: Check,
  /** Conditions under which the rule applies to a subject. */
  when: z.record(z.string(), Check).optional(),
  /** Value of an unset fact: a JVM default that no command line shows. */
  silence: Scalar.optional(),
  severity: z.enum(severities),
  /** Consequence of breaking the rule. */
  reason: z.string().min(1),
  sources: z.array(Source).min(1),
  /** If sources contradict each other: how, and what this rule accepts. */
  conflict: z.string().optional(),
  /** A command with an optional comment, or an instruction if there is no command; `{word}` is a placeholder. */
  fix: z.string().min(1),
  /** Cost in safe maximum, if measured. */
  cost: z.string().optional(),
});
export type Rule = z.infer<typeof Rule>;

/** @returns the check as text, `at most 10` */
export function wantedText(check: Check): string {
  const operand = (value: Operand) =>
    typeof value === 'number'
      ? String(value)
      : `${value.times === undefined || value.times === 1 ? '' : `${value.times} × `}${value.fact}${value.plus === undefined ? '' : ` + ${value.plus}`}`;
  const shown = (value: z.infer<typeof Scalar>) => (value === '' ? '(empty)' : String(value));
  const parts = [
    check.equals !== undefined && shown(check.equals),
    check.oneOf && `one of ${check.oneOf.map(shown).join(', ')}`,
    check.noneOf && `anything but ${check.noneOf.map(shown).join(' or ')}`,
    check.atLeast !== undefined && `at least ${operand(check.atLeast)}`,
    check.atMost !== undefined && `at most ${operand(check.atMost)}`,
    check.above !== undefined && `above ${operand(check.above)}`,
    check.below !== undefined && `below ${operand(check.below)}`,
    check.matches !== undefined && `like ${check.matches}`,
    check.matchesNot !== undefined && `not like ${check.matchesNot}`,
  ];
  return parts.filter((part) => part !== false && part !== undefined).join(' and ');
}
