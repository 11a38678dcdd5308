// Defines the config entry that maps a broker to its host and process.

import { z } from 'zod';

export const BrokerHostRef = z.strictObject({
  host: z.string(),
  process: z
    .string()
    .min(1)
    .optional()
    .describe(
      'name of its process under `processes` of that host; default: the process that listens on its port, which only root and the user of the process can see',
    ),
});
