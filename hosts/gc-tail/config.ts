// Defines the `gcLogs` part of a host in the config file.

import { z } from 'zod';

const LogFiles = z
  .string()
  .startsWith('/')
  .refine((path) => !/[*?].*\//.test(path), '* and ? may stand in the name of the file, not in folders above it')
  .describe(
    'path of the log; * and ? may stand in its name. What rotation adds to it (.0, .1.current) is found as well',
  );

export const GcLogsConfig = z
  .record(
    z.string().min(1),
    z.strictObject({ files: z.union([LogFiles, z.array(LogFiles).min(1)]).describe('one path or several') }),
  )
  .optional()
  .describe(
    'GC logs to follow, by the name of their process under `processes` or a name of your choice; ' +
      'default: those that the options of the watched JVMs name; `{}` for none',
  );
export type GcLogsConfig = z.infer<typeof GcLogsConfig>;
