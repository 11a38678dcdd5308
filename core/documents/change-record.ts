// Defines what the journal of a change and its document share: checks before and after, and the log.

import { z } from 'zod';
import { Finding } from './analysis.ts';

const Checks = z.strictObject({ at: z.iso.datetime(), findings: z.array(Finding) });

export const ChangeChecks = z.strictObject({ before: Checks.optional(), after: Checks.optional() });

export const ChangeLog = z.array(z.strictObject({ at: z.iso.datetime(), says: z.string(), zh: z.string().optional() }));
