// Defines the request of a rehearsal.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { PromotionHistory, RehearsalDocument } from '../../core/documents/rehearsal.ts';
import type { Seconds } from '../../core/clock.ts';
import type { RunRequest } from '../load-test/run-request.ts';

/** A value for one topic or group. */
export interface Named<Value> {
  name: string;
  value: Value;
}

export interface RehearsalRequest extends Pick<
  RunRequest,
  'configFile' | 'cluster' | 'out' | 'acceptBlind' | 'calibrate'
> {
  promotion: string;
  history: PromotionHistory;
  scale: RehearsalDocument['scale'];
  durationSeconds: Seconds;
  compress?: number | undefined;
  stepSeconds?: Seconds | undefined;
  /** Files of `plimsoll capture`, by topic. */
  captures: readonly Named<string>[];
  /** As typed, by topic. */
  messageSizes: readonly Named<string>[];
  /** Processing time per message, by group. */
  processing: readonly Named<Seconds>[];
  /** Verdict of the cluster, for limits other than network cards. */
  analysis?: Analysis | undefined;
  workers?: number | undefined;
  partitions?: number | undefined;
  replicationFactor?: number | undefined;
  stopBroker?: string | undefined;
  stopSeconds: Seconds;
  /** Folder of the lab of the rehearsal; a broker is stopped only in a lab. */
  labDirectory?: string | undefined;
}
