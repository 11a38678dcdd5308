// Parses the output of tc(8) about the queues of network interfaces.

import { z } from 'zod';
import type { QueueDiscipline } from '../../core/documents/evidence/host-reading.ts';
import { parseJson } from '../../core/text/parse-json.ts';

const counter = z.number().nonnegative();
/** One entry of `tc -s -j qdisc show`, iproute2 4.18 and later; the root includes the classes below it. */
const Printed = z.array(
  z.looseObject({
    kind: z.string(),
    dev: z.string().optional(),
    root: z.boolean().optional(),
    drops: counter.optional(),
    overlimits: counter.optional(),
    backlog: counter.optional(),
  }),
);

/** @returns undefined for other text */
export function parseQueueDisciplines(text: string): QueueDiscipline[] | undefined {
  const printed = Printed.safeParse(parseJson(text));
  if (!printed.success) return undefined;
  return printed.data.flatMap(({ kind, dev, root, drops, overlimits, backlog }) =>
    dev === undefined || root !== true || drops === undefined || overlimits === undefined || backlog === undefined
      ? []
      : [{ device: dev, kind, backlogBytes: backlog, drops, overlimits }],
  );
}
