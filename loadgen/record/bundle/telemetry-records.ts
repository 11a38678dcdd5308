// What was read of hosts and cluster, by the bundle? Whole records only; one that is none is passed over.

import { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';
import { wholeLines } from './journal-lines.ts';

export async function* readTelemetry(
  path: string,
  { signal }: { signal: AbortSignal },
): AsyncIterable<TelemetryRecord> {
  for await (const { bytes } of wholeLines(path, signal)) {
    const record = parse(bytes.toString('utf8'));
    if (record !== undefined) yield record;
  }
}

function parse(text: string): TelemetryRecord | undefined {
  try {
    return TelemetryRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
