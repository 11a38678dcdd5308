// Lists the host tools whose output can be imported, one line each, in the order they are tried.

import { AppError } from '../../../../core/errors.ts';
import type { HostToolImporter } from './host-tool.ts';

export const hostTools = {
  sadf: (await import('./sadf.ts')).sadf,
  'iostat-json': (await import('./iostat.ts')).iostatJson,
  top: (await import('./procps.ts')).top,
  vmstat: (await import('./procps.ts')).vmstat,
  iostat: (await import('./iostat.ts')).iostat,
  sar: (await import('./sar.ts')).sar,
  jstat: (await import('./jstat.ts')).jstat,
  free: (await import('./procps.ts')).free,
} satisfies Record<string, HostToolImporter>;

/** Enough for the longest heading, of a top with one line per core for 512 cores. */
export const headCharacters = 65_536;

/** @throws AppError readings-unreadable if no tool, or more than one, recognises the text */
export function hostToolOf(text: string): HostToolImporter {
  const head = text.slice(0, headCharacters);
  const found = Object.values(hostTools).filter(({ detect }) => detect(head));
  const [tool, ...others] = found;
  if (tool === undefined)
    throw unknownReadings(
      `it is not the output of any of ${Object.values(hostTools)
        .map((each) => each.tool)
        .join(', ')}`,
    );
  if (others.length > 0)
    throw unknownReadings(
      `it holds output of ${found.map((each) => each.tool).join(' and ')}`,
      'give each in a separate file',
    );
  return tool;
}

function unknownReadings(what: string, hint?: string): AppError {
  return new AppError('readings-unreadable', `unknown tool output: ${what}`, { hint });
}
