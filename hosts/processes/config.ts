// Defines the `processes` part of a host in the config file.

import { z } from 'zod';

export const ProcessMatch = z
  .union([
    z.strictObject({ port: z.int().min(1).max(65_535).describe('TCP port it listens on') }),
    z.strictObject({
      commandLine: z.string().min(1).describe('words of its command line, separated by single spaces'),
    }),
    z.strictObject({ pidFile: z.string().startsWith('/').describe('file that holds its pid') }),
  ])
  .describe('how the JVM is found: by one of port, commandLine, pidFile');
export type ProcessMatch = z.infer<typeof ProcessMatch>;

export const ProcessesConfig = z
  .record(z.string().min(1), ProcessMatch)
  .optional()
  .describe(
    'JVMs to monitor, by a name of your choice; default: the brokers and name servers that run there; `{}` for none',
  );
export type ProcessesConfig = z.infer<typeof ProcessesConfig>;
