// Defines what the journal of a change and its document share: status, checks before and after, and the log.

import { z } from 'zod';
import { Finding } from './analysis.ts';

/** How far a change got, in every document: `held` by something that blocks it, `paused` by an operator. */
export const ChangeStatus = z.enum(['planned', 'held', 'paused', 'done', 'rolled-back']);
export type ChangeStatus = z.infer<typeof ChangeStatus>;

const Checks = z.strictObject({ at: z.iso.datetime(), findings: z.array(Finding) });

export const ChangeChecks = z.strictObject({ before: Checks.optional(), after: Checks.optional() });

export const ChangeLog = z.array(z.strictObject({ at: z.iso.datetime(), says: z.string(), zh: z.string().optional() }));
