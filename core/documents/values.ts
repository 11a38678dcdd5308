// Defines the kinds of numbers and times in documents.

import { z } from 'zod';

export const count = z.number().int().nonnegative();
export const positiveCount = z.number().int().positive();
export const amount = z.number().nonnegative();
export const positive = z.number().positive();
/** Share of a whole. */
export const share = z.number().min(0).max(1);
export const time = z.iso.datetime();
