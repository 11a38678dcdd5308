// Declares options that take a day.

import { z } from 'zod';
import { option } from './command.ts';

export const dayText = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);

const Day = z
  .string()
  .refine(
    (day) => /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) && dayText(Date.parse(day)) === day,
    {
      error: ({ input }) => `${String(input)} is not a date`,
    },
  );

export const day = (help: string) => option('DATE', help, Day.optional(), { hint: 'write it as 2026-11-11' });
