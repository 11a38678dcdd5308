// Reads the telemetry of hosts and cluster from a bundle; ignores incomplete and unknown records.

import type { Io } from '../../../brokers/driver.ts';
import { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { wholeLines } from './journal-lines.ts';

export async function* readTelemetry(path: string, { signal }: Io): AsyncIterable<TelemetryRecord> {
  for await (const { bytes } of wholeLines(path, { signal, isOptional: true })) {
    const { data } = TelemetryRecord.safeParse(parseJson(bytes.toString('utf8')));
    if (data !== undefined) yield data;
  }
}
