// Defines the kinds of numbers and times in documents.

import { z } from 'zod';

export const count = z.number().int().nonnegative();
export const positiveCount = z.number().int().positive();
export const amount = z.number().nonnegative();
export const positive = z.number().positive();
/** Share of a whole. */
export const share = z.number().min(0).max(1);
export const time = z.iso.datetime();

/** One field for each name, all of the same kind. */
export const fieldsOf = <Name extends string, Value>(names: readonly Name[], value: Value) =>
  Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;

/** A member of a union that `kind` distinguishes. */
export const ofKind = <Kind extends string, Shape extends z.core.$ZodShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape });
