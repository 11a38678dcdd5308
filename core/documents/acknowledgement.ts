// Defines what operators acknowledge: a state, a lagging consumer group or an alert of a cluster, until a time.

import { z } from 'zod';

const kinds = ['state', 'lag', 'alert'] as const;
export type AttentionKind = (typeof kinds)[number];

const longest = 255;

/** `state:over`, `lag:GROUP` or `alert:NAME`. */
export const AttentionSubject = z
  .string()
  .max(longest)
  .regex(/^(?:state|lag|alert):./su, 'a subject is state:STATE, lag:GROUP or alert:NAME')
  .describe('what was acknowledged: state:STATE, lag:GROUP or alert:NAME');

export const subjectOf = (kind: AttentionKind, name: string): string => `${kind}:${name}`.slice(0, longest);

/** @param subject in the format of the schema */
export function partsOf(subject: string): { kind: AttentionKind; name: string } {
  const at = subject.indexOf(':');
  const kind = kinds.find((each) => each === subject.slice(0, at)) ?? 'alert';
  return { kind, name: subject.slice(at + 1) };
}

export const Acknowledgement = z.strictObject({
  subject: AttentionSubject,
  by: z.string(),
  at: z.iso.datetime(),
  until: z.iso.datetime(),
  note: z.string().optional(),
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;

interface Acknowledged {
  acknowledged?: readonly Acknowledgement[] | undefined;
}

export const acknowledgementOf = ({ acknowledged = [] }: Acknowledged, subject: string): Acknowledgement | undefined =>
  acknowledged.find((each) => each.subject === subject);
