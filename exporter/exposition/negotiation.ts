// Selects the format that the Accept header prefers; text 0.0.4 by default.

import type { Format } from './text-format.ts';

/*
 * Accept = range, …        range = type/subtype; parameter=value; …; q=0…1      (RFC 9110, 12.5.1)
 *
 * Prometheus sends application/openmetrics-text;version=1.0.0;…;q=0.6,…,text/plain;version=0.0.4;…;q=0.3,*\/*;q=0.2
 */

const offered: readonly { format: Format; type: string; versions: readonly string[] }[] = [
  { format: 'text', type: 'text/plain', versions: ['0.0.4'] },
  { format: 'openmetrics', type: 'application/openmetrics-text', versions: ['1.0.0'] },
];

/** @returns the preferred format; text if two are equal */
export function negotiateFormat(accept: string | undefined): Format {
  let best: { format: Format; quality: number } = { format: 'text', quality: 0 };
  for (const { type, version, quality } of rangesOf(accept ?? '')) {
    const match = offered.find((one) => one.type === type && (version === undefined || one.versions.includes(version)));
    const format = match?.format ?? (type === '*/*' || type === 'text/*' ? 'text' : undefined);
    const isTie = quality === best.quality && format === 'text' && quality > 0;
    if (format !== undefined && (quality > best.quality || isTie)) best = { format, quality };
  }
  return best.format;
}

function rangesOf(accept: string): { type: string; version?: string; quality: number }[] {
  return accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const values = new Map(
      parameters.map((parameter) => {
        const [name = '', value = ''] = parameter.split('=', 2);
        return [name.trim(), value.trim().replaceAll('"', '')] as const;
      }),
    );
    const quality = Number(values.get('q') ?? 1);
    const version = values.get('version');
    return {
      type,
      ...(version !== undefined && { version }),
      quality: quality >= 0 && quality <= 1 ? quality : 0,
    };
  });
}
