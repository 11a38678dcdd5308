// Lists how each changed quantity differs from the measured one, and whether that is an extrapolation.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { GatheredEvidence } from '../../verdict/analyze-run.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Pair } from '../../../core/text/bilingual.ts';
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
    const [how, howZh] = from === to ? (['as measured', '与实测相同'] as const) : ways[quantity](measured);
    // A slower link was used up to its speed in the test; whether a faster one can be filled was not measured.
    const isMeasured = from === to || (quantity === 'nic' && Number(to) < Number(from));
    return defined({ quantity, from, to, how, howZh, extrapolates: !isMeasured });
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

const byProtocol = ({ bytes: { calibration } }: Measured): Pair => {
  const parts = (['in', 'out'] as const).flatMap((direction) => {
    const ratio = calibration[direction];
    return ratio === undefined ? [] : [[quantityText(ratio), direction] as const];
  });
  const [times, timesZh] = [
    parts.map(([ratio, direction]) => `${direction} ${ratio}`).join(', '),
    parts.map(([ratio, direction]) => `${direction === 'in' ? '入向' : '出向'} ${ratio}`).join('、'),
  ];
  return [
    `network and disk: by the bytes of the protocols${parts.length === 0 ? ' (no network card was read to calibrate them)' : `, times the measured bytes divided by them (${times})`}; CPU: computed as if none and as if all of it depended on bytes, since one message size cannot show which. The estimate is the lower result, and the interval contains both`,
    `网卡和磁盘按协议的字节数换算，${parts.length === 0 ? '没有网卡读数可用于校准' : `再乘以实测与协议之比（${timesZh}）`}；CPU 与字节数的关系无法由单一消息大小得出，按完全无关和完全成正比分别计算：估计值取较低者，区间包含两者`,
  ];
};

const withMore = ([en, zh]: Pair, [moreEn, moreZh]: Pair): Pair => [`${en}; ${moreEn}`, `${zh}；${moreZh}`];

const ways: Readonly<Record<QuantityName, (measured: Measured) => Pair>> = {
  messageBytes: byProtocol,
  groups: (measured) =>
    withMore(byProtocol(measured), ['groups are assumed to read from memory', '假设消费从内存读取']),
  replicas: byProtocol,
  compression: (measured) =>
    withMore(byProtocol(measured), [
      'the CPU that brokers such as those of Kafka need to decompress batches for validation is not included',
      '不含 Broker 为校验而解压批次的 CPU（如 Kafka）',
    ]),
  acks: () => [
    'bytes and CPU do not change; latency does, and latency SLOs are not predicted',
    '字节数和 CPU 不变；延迟会变化，因此不预测延迟 SLO',
  ],
  nic: ({ evidence }) => {
    const network = evidence.resources.filter(({ kind }) => kind === 'network');
    const speeds = [...new Set(network.map(({ capacity }) => bitRateText(capacity.value * 8)))];
    return [
      `same bytes, other link speed${speeds.length > 0 ? ` (measured with ${speeds.join(', ')})` : ''}`,
      `字节数不变，带宽不同${speeds.length > 0 ? `（实测时为 ${speeds.join('、')}）` : ''}`,
    ];
  },
  disks: () => [
    'the busy time of the disks is spread evenly over all disks of a broker',
    '磁盘的工作时间均匀分摊到 Broker 的全部磁盘',
  ],
  brokers: ({ spreading: { brokers } }) => [
    `use that grows with the load is spread evenly: ${quantityText(brokers.before / brokers.after)} times that of a measured broker; use without load does not change`,
    `随负载增长的部分均匀分摊：每个 Broker 为原来的 ${quantityText(brokers.before / brokers.after)} 倍，空载时的用量不变`,
  ],
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
  const { workload, broker, settings } = document;
  if (workload.acks !== 'all' || traitsOf(broker)?.copies === 'any-broker') return workload.acks;
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
