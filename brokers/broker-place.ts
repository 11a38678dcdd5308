// Defines the config entry that maps a broker to its host and process.

import { z } from 'zod';

export const BrokerHostRef = z.strictObject({
  host: z.string(),
  process: z
    .string()
    .min(1)
    .optional()
    .describe(
      "name of its process under `processes` of that host; default: the process that listens on the broker's port (found only if Plimsoll reads the host as root or as the broker's user)",
    ),
});
