// Reads the rules of every area from the files in this folder.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { brokerKinds } from '../../core/cluster.ts';
import { Rule } from './rule.ts';

export const areas = ['os', 'jvm', ...brokerKinds, 'topics', 'clients'] as const;
type Area = (typeof areas)[number];

export type AreaRule = Rule & { area: Area };

export function readRules(): AreaRule[] {
  return areas.flatMap((area) => {
    const text = readFileSync(new URL(`./rules/${area}.yaml`, import.meta.url), 'utf8');
    return z
      .array(Rule)
      .parse(parse(text))
      .map((rule) => ({ ...rule, area }));
  });
}
