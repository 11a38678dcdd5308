// Lists how each changed quantity differs from the measured one, and whether that is an extrapolation.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { GatheredEvidence } from '../../verdict/analyze-run.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { bitRateText, quantityText } from '../../../core/text/quantity-text.ts';
import { quantityNames, type QuantityName } from '../../../core/documents/what-if.ts';
import type { Alternative } from './alternative.ts';
import type { ChangedBytes } from './changed-bytes.ts';
import type { Spreading } from './changed-use.ts';
import { defined } from '../../../core/defined.ts';

interface Measured {
  run: LoadTestRun;
  evidence: GatheredEvidence;
  bytes: ChangedBytes;
  spreading: Spreading;
}

export function extrapolationsOf(alternative: Alternative, measured: Measured) {
  return (Object.entries(alternative) as [QuantityName, number | string][]).map(([quantity, to]) => {
    const from = measuredValue(quantity, measured);
    return {
      quantity,
      ...defined({ from }),
      to,
      how: from === to ? 'as measured' : ways[quantity](measured),
      extrapolates: from !== to && quantity !== 'nic',
    };
  });
}

/** Known facts of the workload. */
export function measuredQuantities(measured: Measured): Alternative {
  return Object.fromEntries(
    quantityNames.flatMap((quantity) => {
      const value = measuredValue(quantity, measured);
      return value === undefined ? [] : [[quantity, value]];
    }),
  );
}

const cpuAssumption =
  'CPU from none to all of it by bytes, since one message size does not separate the two: the estimate is the lower of both, and the interval contains both';

function byProtocol({ bytes: { calibration } }: Measured): string {
  const parts = (['in', 'out'] as const).flatMap((direction) => {
    const ratio = calibration[direction];
    return ratio === undefined ? [] : [`${quantityText(ratio)} ${direction}`];
  });
  const scale =
    parts.length === 0
      ? 'no network card was read to calibrate them'
      : `times what was measured over them: ${parts.join(', ')}`;
  return `network and disk by the bytes of the protocols, ${scale}`;
}

const ways: Readonly<Record<QuantityName, (measured: Measured) => string>> = {
  messageBytes: (measured) => `${byProtocol(measured)}; ${cpuAssumption}`,
  groups: (measured) => `${byProtocol(measured)}; ${cpuAssumption}; their reads come from memory`,
  replicas: (measured) => `${byProtocol(measured)}; ${cpuAssumption}`,
  compression: (measured) =>
    `${byProtocol(measured)}; ${cpuAssumption}; CPU of brokers that decompress batches to validate them, as with Kafka, is not included`,
  acks: () => 'bytes and CPU do not change; latency does, and latency SLOs are not predicted',
  nic: ({ evidence }) => {
    const speeds = new Set(
      evidence.resources
        .filter(({ kind }) => kind === 'network')
        .map(({ capacity }) => bitRateText(capacity.value * 8)),
    );
    return `the same bytes against another capacity${speeds.size > 0 ? ` than ${[...speeds].join(', ')}` : ''}`;
  },
  disks: () => 'the time a disk works is spread evenly over all disks of a broker',
  brokers: ({ spreading: { brokers } }) =>
    `what grows with the load is spread evenly: ${quantityText(brokers.before / brokers.after)} of what a broker did, what it does idle stays`,
};

function measuredValue(
  quantity: QuantityName,
  { run, bytes, spreading, evidence }: Measured,
): number | string | undefined {
  switch (quantity) {
    case 'messageBytes':
      return bytes.before.bodyBytes;
    case 'groups':
      return bytes.before.groups;
    case 'replicas':
      return bytes.before.replicas;
    case 'acks':
      return knownAcks(run);
    case 'compression':
      return 1 / (bytes.before.compressionRatio ?? 1);
    case 'brokers':
      return spreading.brokers.before;
    case 'disks':
      return spreading.disksOf(run.document.environment.brokers[0]?.id ?? '');
    case 'nic': {
      const card = evidence.resources.find(({ kind }) => kind === 'network');
      return card && card.capacity.value * 8;
    }
  }
}

/**
 * A RocketMQ client that requests all copies gets a response before they are made, unless brokers wait for them: DLedger,
 * masters under controllers, and SYNC_MASTER, which older runs did not record. With SYNC_MASTER, 4.9 waits for a slave and has no
 * inSyncReplicas; 5.x counts the master too.
 */
function knownAcks({ document }: LoadTestRun): string | undefined {
  const { workload, broker = 'kafka', settings } = document;
  if (workload.acks !== 'all' || traitsOf(broker).copies !== 'own-group') return workload.acks;
  if (settings === undefined) return undefined;
  const { shared, own } = settings;
  const isOn = (name: string) => shared[name] === 'true';
  const inSync = [shared, ...Object.values(own)].flatMap((values) => values['inSyncReplicas'] ?? []);
  const waits =
    isOn('enableDLegerCommitLog') ||
    (isOn('enableControllerMode') && isOn('allAckInSyncStateSet')) ||
    (shared['brokerRole'] === 'SYNC_MASTER' && inSync.every((count) => Number(count) >= 2));
  return waits ? 'all' : undefined;
}
