// Defines pressure stall information (PSI) of the kernel.

import { z } from 'zod';

const counter = z.number().nonnegative();

/** Seconds since boot in which some, or all, tasks waited for the resource. */
export const Pressure = z.strictObject({ someSeconds: counter, fullSeconds: counter.optional() });
export type Pressure = z.infer<typeof Pressure>;
