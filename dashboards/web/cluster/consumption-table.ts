// Renders what each member of a group did with messages: consumption time, successes and failures.

import { html, type Content } from '../../../core/text/html.ts';
import { named } from '../layout.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';

export interface ConsumptionRow {
  topic: string;
  secondsPerBatch?: number;
  /** Messages per second of the last minute. */
  okPerSecond?: number;
  failedPerSecond?: number;
  /** Messages. */
  failedLastHour?: number;
}

const texts = {
  en: {
    title: 'Consumption',
    explained:
      'As Java clients of RocketMQ report it for the last minute. Time is the mean that the listener takes for a batch.',
    time: 'Time per batch',
    ok: 'Consumed/s',
    failed: 'Failed/s',
    lastHour: 'Failed in the last hour',
  },
  zh: {
    title: '消费情况',
    explained: '由 RocketMQ Java 客户端上报，统计最近一分钟。耗时为监听器处理一批消息的平均时间。',
    time: '每批耗时',
    ok: '消费成功（条/秒）',
    failed: '失败（条/秒）',
    lastHour: '最近一小时失败（条）',
  },
};

const mostRows = 200;

export function renderConsumption(
  members: readonly { clientId: string; consumption?: readonly ConsumptionRow[] }[],
  view: View,
): Content {
  const { numbers, strings } = view;
  const own = texts[view.language];
  const rows = members.flatMap(({ clientId, consumption = [] }) => consumption.map((row) => ({ clientId, ...row })));
  if (rows.length === 0) return undefined;
  const rate = (value: number | undefined) => (value === undefined ? '–' : numbers.rate(value));
  return html`${renderTable(
      'consumption',
      own.title,
      rows.slice(0, mostRows),
      [
        { title: strings.pages.cluster.members, text: true, cell: ({ clientId }) => named(clientId) },
        { title: strings.pages.cluster.topic, text: true, cell: ({ topic }) => named(topic) },
        {
          title: own.time,
          cell: ({ secondsPerBatch }) => (secondsPerBatch === undefined ? '–' : numbers.seconds(secondsPerBatch)),
        },
        { title: own.ok, cell: ({ okPerSecond }) => rate(okPerSecond) },
        { title: own.failed, cell: ({ failedPerSecond }) => rate(failedPerSecond) },
        {
          title: own.lastHour,
          cell: ({ failedLastHour }) => (failedLastHour === undefined ? '–' : numbers.plain(failedLastHour)),
        },
      ],
      ({ failedPerSecond = 0 }) => (failedPerSecond > 0 ? 'over' : ''),
    )}
    <p class="quiet">${own.explained}</p>`;
}
