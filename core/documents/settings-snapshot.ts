// Defines the settings of a cluster at one moment, for comparison with a verdict: `plimsoll get fingerprint --json`.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';

export const settingsSnapshotSchemaVersion = 1;

export const SettingsSnapshot = z.strictObject({
  schemaVersion: z.literal(settingsSnapshotSchemaVersion),
  cluster: z.string(),
  broker: z.enum(brokerKinds),
  at: z.iso.datetime().describe('when the settings were read'),
  fingerprint: z.record(z.string(), z.string()).describe('with the keys of the fingerprint of an analysis'),
  unread: z.array(z.string()).describe('what could not be read, and why'),
});
export type SettingsSnapshot = z.infer<typeof SettingsSnapshot>;
