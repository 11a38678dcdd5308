// Parses and applies the waiver file, which lists accepted findings with reason and expiry.

import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';

export const Waiver = z.strictObject({
  rule: z.string().min(1).describe('id of the rule, as the report prints it'),
  on: z.string().min(1).optional().describe('only for this host, broker, topic, group or cluster; default: all'),
  reason: z.string().min(1).describe('reason for the waiver'),
  until: z.iso.date().optional().describe('last day on which it applies, such as 2026-12-31; default: no end'),
});
export type Waiver = z.infer<typeof Waiver>;

const WaiverFile = z.strictObject({ waivers: z.array(Waiver) });

/** @throws AppError waivers-unreadable, with each problem and its position */
export function parseWaivers(text: string, path: string, rules: readonly string[]): Waiver[] {
  let document: unknown;
  try {
    document = parse(text);
  } catch (cause) {
    throw new AppError('waivers-unreadable', `${path} is not YAML: ${(cause as Error).message.split('\n')[0]}`, {
      cause,
    });
  }
  const parsed = WaiverFile.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'the file'}: ${message}`);
    throw new AppError('waivers-unreadable', `${path}: ${problems.join('; ')}`);
  }
  for (const { rule } of parsed.data.waivers) {
    if (rules.includes(rule)) continue;
    const meant = nearest(rule, rules);
    throw new AppError('waivers-unreadable', `${path} waives ${rule}, which is not a rule`, {
      ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
    });
  }
  return parsed.data.waivers;
}

/** @param today such as `2026-11-20`; a waiver is still valid on its last day */
export function applyWaivers(waivers: readonly Waiver[], today: string) {
  const expired = waivers.filter(({ until }) => until !== undefined && until < today);
  const valid = waivers.filter((waiver) => !expired.includes(waiver));
  const used = new Set<Waiver>();
  return {
    /** @returns the waiver of a finding */
    of(rule: string, subject: string): Waiver | undefined {
      const found = valid.find((waiver) => waiver.rule === rule && (waiver.on === undefined || waiver.on === subject));
      if (found !== undefined) used.add(found);
      return found;
    },
    expired,
    unused: () => valid.filter((waiver) => !used.has(waiver)).map(({ rule }) => rule),
  };
}
