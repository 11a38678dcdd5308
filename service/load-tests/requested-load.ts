// Defines the parameters of a requested load test, and converts them to options of `plimsoll run`.

import { z } from 'zod';
import type { RunRequest } from '../../app/load-test/run-request.ts';
import { Duration, Size } from '../../core/text/quantity.ts';
import type { ChosenLoad, LoadTestForm } from '../../dashboards/web/load-test/load-test-view.ts';

const quantity = (unit: z.ZodType, example: string) =>
  z
    .string(`write it as text, such as ${example}`)
    .trim()
    .min(1)
    .max(24)
    .superRefine((text, context) => {
      for (const { message } of unit.safeParse(text).error?.issues ?? []) context.addIssue({ code: 'custom', message });
    });

/** Ranges are validated with the plan, like those of `plimsoll run`. */
export const requestedLoad = {
  rates: z.array(z.number().positive()).min(1).max(50).describe('target rate of each step, in messages per second'),
  stepDuration: quantity(Duration, '30s').default('30s').describe('duration of each step, such as 30s'),
  messageSize: quantity(Size, '1KiB').default('1KiB').describe('message size, such as 500B or 1KiB'),
  groups: z.number().int().min(0).max(20).default(1).describe('consumer groups; each reads every message'),
};
export const RequestedLoad = z.strictObject(requestedLoad);

/** Text that is not a number is kept, so that the schema rejects it. */
const numberIn = (text: string) => (/^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);

/** @returns a value for the schema above */
export const loadOfForm = ({ rates, groups, ...rest }: LoadTestForm) => ({
  ...rest,
  rates: rates.split(/[\s,，、;]+/).flatMap((rate) => (rate === '' ? [] : [numberIn(rate)])),
  groups: numberIn(groups),
});

export const formOfLoad = ({ rates, stepDuration, messageSize, groups }: ChosenLoad): LoadTestForm => ({
  rates: rates.join(', '),
  stepDuration,
  messageSize,
  groups: String(groups),
});

/** @returns the values that the options below set */
export const workloadValuesOf = ({ rates, ...rest }: ChosenLoad): NonNullable<RunRequest['values']> => ({
  rates: [...rates],
  ...rest,
});

/** @returns arguments of the command line */
export const runArgs = ({ rates, stepDuration, messageSize, groups }: ChosenLoad): string[] => [
  `--rate-steps=${rates.join(',')}`,
  `--step-duration=${stepDuration}`,
  `--message-size=${messageSize}`,
  `--groups=${groups}`,
];

/** Summary for the history. */
export const loadText = ({ rates, stepDuration, messageSize, groups }: ChosenLoad): string =>
  `${rates.join(', ')} msg/s, ${stepDuration} each, ${messageSize}, groups: ${groups}`;
